"""python3 -m unittest (from media/demo): scenes are reproducible and the shipped files belong together."""

import hashlib
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from . import onnx_files, paths, reference
from .data import FIRST_SEED
from .export import export_discriminator, export_extractor, export_generator, export_segmenter, sidecar
from .models import GROUP, LATENT, Discriminator, Extractor, Generator, Segmenter
from .scenes import CATEGORIES, CONCEPTS, render
from .timeline import frechet_distance, inception_score, precision_recall

# First 16 hex digits of sha256(picture, label map, category) of the first 50 training scenes. They
# hold for the versions in requirements.txt; another Pillow or NumPy may draw a pixel differently.
FIRST_SCENES = """
473fbcf4d68834d6 c7ba9cc61a6c529d 0cbf25b63ad34854 fe09973487f33c4c edf473a1e483597b
c66d89342add761e 75ed6d7e8904245a 8b4aa5877ec1434e 89d2e87742d70402 1c1a4e2a32cbcf1d
2b1889752407538a 8376b14839dddcd0 0972b7387e95c8da 23a0e06c2e25b2d1 016149d0ec6acc6a
c8430ccf26f69268 87b9a7a28140758a 1e87cb44ed60dcee ea45b4b79de5aa61 8c0d9c05981e3500
0e5863865eb05257 2f602c237fe4e034 3a4affdf711932cf 8e6a9234d381c759 0169357accc15058
11313e9d90fc1fea 8bc602540a52980b 5d17041c1cbe10cd 549f955427a8058e 70ec541f8a2f93e1
1f5c3f3f00ec4ee0 650723ed3186fba6 560f7743f9872ecc bb995a18215e95db 922302c479c6f9af
0558238f133d8589 9ce88eb83f658706 5c370b5a59131079 2d703cf5013a574e 2fcbf7f9371fa091
b80a4e4f9710b91a f9f4bfd339f4d981 e0973bc495da14dd aacdb7c928a5c98e c6656f71d1806988
d48be75c2d3879bc c4ec85ac9372bd63 48f4a6d53885e178 6c9d966ba7fe2d45 d5b51c9a3633e631
""".split()


class Scenes(unittest.TestCase):
    def test_the_first_fifty_scenes_are_bit_identical(self) -> None:
        rng = np.random.default_rng(FIRST_SEED)
        for expected in FIRST_SCENES:
            image, labels, category = render(rng)
            content = image.tobytes() + labels.tobytes() + bytes([category])
            self.assertEqual(hashlib.sha256(content).hexdigest()[:16], expected)

    def test_a_category_can_be_asked_for(self) -> None:
        for category in range(len(CATEGORIES)):
            self.assertEqual(render(np.random.default_rng(0), category)[2], category)

    def test_the_reference_zip_is_the_same_every_time(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            paths_written = [Path(folder) / name for name in ('a.zip', 'b.zip')]
            for path in paths_written:
                reference.write_zip(reference.render_held_out(5, 3), path)
            self.assertEqual(paths_written[0].read_bytes(), paths_written[1].read_bytes())
            images, categories = reference.read_zip(paths_written[0])
        self.assertEqual((images.shape, categories.shape), ((3, 64, 64, 3), (3,)))
        np.testing.assert_array_equal(images[0], render(np.random.default_rng(5))[0])


class ShippedFiles(unittest.TestCase):
    def test_exports_of_the_weights_equal_the_shipped_models(self) -> None:
        rng = np.random.default_rng(0)
        one_hot = np.eye(len(CATEGORIES), dtype=np.float32)[np.arange(16) % len(CATEGORIES)]
        z = {'z': rng.standard_normal((16, LATENT)).astype(np.float32), 'category': one_hot}
        images = onnx_files.run(onnx_files.session(paths.DEMO / 'generator.onnx'), z)[0]
        cases = [
            ('generator', export_generator, paths.DEMO / 'generator.onnx', z),
            ('extractor', export_extractor, paths.EXTRACTOR, {'image': images}),
            ('segmenter', export_segmenter, paths.SEGMENTER, {'pixel_values': images}),
        ]
        with tempfile.TemporaryDirectory() as folder:
            for name, export, shipped, feeds in cases:
                with self.subTest(name):
                    path = Path(folder) / name
                    export(torch.load(paths.WEIGHTS / f'{name}.pt'), path)
                    path = path / 'onnx' / 'model.onnx' if name == 'segmenter' else path
                    found = onnx_files.run(onnx_files.session(path), feeds)
                    for a, b in zip(found, onnx_files.run(onnx_files.session(shipped), feeds)):
                        # Relative to the outputs' size: logits reach tens, images one.
                        self.assertLess(np.abs(a - b).max(), 1e-5 * max(1, np.abs(b).max()))

    def test_the_last_checkpoint_is_the_generator(self) -> None:
        last = sorted(paths.CHECKPOINTS.glob('step-*.onnx'))[-1]
        self.assertEqual(last.read_bytes(), (paths.DEMO / 'generator.onnx').read_bytes())

    def test_names_agree(self) -> None:
        labels = json.loads((paths.DEMO / 'labels.json').read_text())
        self.assertEqual(labels, {'categories': CATEGORIES, 'concepts': CONCEPTS})
        config = json.loads((paths.DEMO / 'segmenter' / 'config.json').read_text())
        self.assertEqual(list(config['id2label'].values()), CONCEPTS)
        self.assertEqual(json.loads((paths.DEMO / 'generator.genscope.json').read_text()), sidecar())


class Models(unittest.TestCase):
    def test_a_folded_discriminator_judges_as_before(self) -> None:
        torch.manual_seed(0)
        network = Discriminator()
        image, category = (
            torch.rand(GROUP, 3, 64, 64) * 2 - 1,
            torch.eye(len(CATEGORIES))[torch.arange(GROUP) % 7],
        )
        network(image, category)  # settles the spectral norms
        with torch.no_grad():
            expected = network.eval()(image, category).numpy()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / 'discriminator.onnx'
            export_discriminator(network.state_dict(), path)
            (found,) = onnx_files.run(
                onnx_files.session(path), {'image': image.numpy(), 'category': category.numpy()}
            )
        np.testing.assert_allclose(found, expected, atol=1e-4)

    def test_the_mini_batch_feature_sees_repetition(self) -> None:
        torch.manual_seed(0)
        network = Discriminator().eval()
        image, category = torch.rand(GROUP, 3, 64, 64) * 2 - 1, torch.zeros(GROUP, len(CATEGORIES))
        with torch.no_grad():
            alone = network(image[:1].expand(GROUP, -1, -1, -1), category)[0]
            in_company = network(image, category)[0]
        self.assertNotAlmostEqual(float(alone), float(in_company), places=6)

    def test_weights_fit_the_networks(self) -> None:
        for name, network in (
            ('generator', Generator()),
            ('segmenter', Segmenter()),
            ('extractor', Extractor()),
        ):
            network.load_state_dict(torch.load(paths.WEIGHTS / f'{name}.pt'))


class Scores(unittest.TestCase):
    def test_scores_at_their_known_ends(self) -> None:
        features = np.random.default_rng(0).standard_normal((500, 8))
        self.assertAlmostEqual(frechet_distance(features, features), 0, places=6)
        self.assertAlmostEqual(frechet_distance(features, features + 2), 8 * 4, places=6)
        self.assertEqual(precision_recall(features, features), (1, 1))
        self.assertEqual(precision_recall(features, features + 100), (0, 0))
        self.assertEqual(precision_recall(features, features[:50])[0], 1)
        self.assertAlmostEqual(inception_score(np.zeros((10, 7))), 1)
        self.assertAlmostEqual(inception_score(np.eye(7) * 100), 7, places=6)


if __name__ == '__main__':
    unittest.main()
