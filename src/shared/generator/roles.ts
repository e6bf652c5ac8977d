/** Roles: what each input and output of a generator's graph means. Plain data, kept in the sidecar. */

/** How a class label enters the graph: one row of a one-hot matrix, or its index. */
export type ClassEncoding = 'onehot' | 'index';

/** z: what is drawn. w, w+: what a mapping network makes of z, once for all layers or a row a layer. */
export type LatentSpace = 'z' | 'w' | 'w+';

export type ImageLayout = 'NCHW' | 'NHWC';

/** A picture going in or out; `range` are the values that stand for black and white, e.g. [-1, 1], [0, 1], [0, 255]. */
export interface ImageRole {
  readonly role: 'image';
  readonly layout: ImageLayout;
  readonly range: readonly [number, number];
  /** Only where pictures leave as rows of numbers, [N, channels · height · width]: the graph does not say their size. */
  readonly size?: PictureSize;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A class for each pixel, as one of `classes` planes of ones and zeros; read from pictures whose grey values are the classes. */
export interface LabelMapRole {
  readonly role: 'labelMap';
  readonly layout: ImageLayout;
  readonly classes: number;
}

/** A mask beside each picture, of one channel; `range` are the values that stand for its black and its white. */
export interface MaskRole {
  readonly role: 'mask';
  readonly layout: ImageLayout;
  readonly range: readonly [number, number];
}

export type InputRole =
  /** Without `space`: z. */
  | { readonly role: 'latent'; readonly space?: LatentSpace }
  | { readonly role: 'class'; readonly encoding: ClassEncoding; readonly classes: number }
  | { readonly role: 'truncation' }
  | { readonly role: 'noise' }
  /**
   * A vector (or one a layer) that another network makes: a text embedding, a projected w. `file` is a .npy beside the
   * model, float [K, …]; its rows then are what classes are elsewhere. Without a file it is fed with zeros.
   */
  | { readonly role: 'embedding'; readonly file?: string }
  /** Indices into a codebook of `entries` rows, drawn evenly. */
  | { readonly role: 'codes'; readonly entries: number }
  | ImageRole
  | LabelMapRole
  | MaskRole
  /** A small tensor the graph insists on and that has no picture-making meaning; fed with a constant. */
  | { readonly role: 'constant'; readonly value: number }
  /** Something only the model's own pipeline can supply: token ids, a timestep. */
  | { readonly role: 'other' };

export type OutputRole = ImageRole | { readonly role: 'other' };

export interface Roles {
  readonly inputs: Readonly<Record<string, InputRole>>;
  readonly outputs: Readonly<Record<string, OutputRole>>;
}

/** How sure a guess is. `ask` guesses are put to the person before anything is drawn. */
export type Certainty = 'sure' | 'likely' | 'ask' | 'confirmed';

/** A guess with its reason, as shown in the Model drawer and by `genscope describe`. */
export interface RoleGuess<R> {
  readonly role: R;
  readonly reason: string;
  readonly certainty: Certainty;
  /** Other roles that would fit, for the question's menu; the guess itself included, first. */
  readonly options: readonly R[];
}

/** `<model>.genscope.json`, beside the model: the roles a person confirmed, and the names of the classes. */
export interface Sidecar {
  readonly schema: 1;
  readonly inputs?: Readonly<Record<string, Partial<InputRole> & Pick<InputRole, 'role'>>>;
  readonly outputs?: Readonly<Record<string, Partial<OutputRole> & Pick<OutputRole, 'role'>>>;
  readonly classNames?: readonly string[];
}
