/** FID Inception: which published weights, and where the network made of them lies. */

/** Both published files have these weights; the hex is the head of their SHA-256. */
export const WEIGHTS = '2015-12-05-6726825d';

export const INCEPTION_WEIGHTS = {
  url: `https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-${WEIGHTS}.pth`,
  /** About: what a person is told before the download. */
  bytes: 95_600_000,
} as const;

/** Within a cache. */
export const INCEPTION_FOLDER = `extractors/inception-${WEIGHTS}`;
