/** What the field calls the arrays in its .npz files. */

/** Features (StyleGAN scripts, prdc, dgm-eval). */
export const FEATURES = ['features', 'feats', 'activations', 'act', 'pool_3', 'reps'];
/** Mean and covariance (pytorch-fid, clean-fid, ADM). */
export const STATISTICS = ['mu', 'sigma'];
/** What `numpy.savez` calls an array that was given no name: pictures of ADM, or features. */
export const NAMELESS = 'arr_0';
/** Pictures (ADM, EDM, MedMNIST). */
export const PICTURES = [NAMELESS, 'images', 'samples', 'imgs', 'x', 'data'];
/** Classes; `arr_1` is ADM's. */
export const CLASSES = ['labels', 'label', 'y', 'targets', 'classes', 'arr_1'];
