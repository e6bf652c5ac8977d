/** The code that turns a PyTorch generator into an ONNX file: for the clipboard, from three places of the interface. */
export const EXPORT_CODE = `import torch

# Replace these three lines by your own generator and its weights.
from model import Generator

generator = Generator()
state = torch.load("checkpoint.pt", map_location="cpu", weights_only=True)
generator.load_state_dict(state)  # often state["g_ema"] or state["generator"]
generator.eval()  # BatchNorm and dropout must not be in training mode

latent = torch.randn(2, 128)  # [N, size of the latent]; [2, 128, 1, 1] for a DCGAN
inputs = (latent,)  # conditional: (latent, torch.nn.functional.one_hot(torch.tensor([0, 1]), 10).float())
names = ["z"]  # conditional: ["z", "label"]

torch.onnx.export(
    generator,
    inputs,
    "generator.onnx",
    input_names=names,
    output_names=["image"],
    dynamic_axes={name: {0: "batch"} for name in [*names, "image"]},
    opset_version=17,
    dynamo=False,  # needs PyTorch 2.5 or later; leave this line out before that
)
print("Right-click generator.onnx in the Explorer and choose Preview Samples.")
`;
