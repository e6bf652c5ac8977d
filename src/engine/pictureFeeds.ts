/** What an image-to-image graph is fed with: the picture where a generator has its latent, and the same of all else each time. */
import type { Planes } from '../algorithms/images/planes.ts';
import type { ImageRole, InputRole, LabelMapRole } from '../shared/roles.ts';
import { buildFeeds, classCount, type FeedRequest, type NoiseSource } from './feeds.ts';
import { fromPlanes, oneHotPlanes } from './planes.ts';
import type { Session, TensorValue } from './runtime/session.ts';

/** The input that takes the picture. */
export interface PictureInput {
  readonly name: string;
  readonly role: ImageRole | LabelMapRole;
}

/**
 * Feeds for pictures of one size. A translation is to be a function of its picture: noise, and a latent beside the
 * picture (BicycleGAN), are those of seed 0, a class is the first.
 */
export function pictureFeeds(
  session: Session,
  roles: Readonly<Record<string, InputRole>>,
  input: PictureInput,
  pictures: readonly Planes[],
  noise: ReadonlyMap<string, NoiseSource> = new Map(),
  fixedRows = 1,
): Record<string, TensorValue> {
  const [first] = pictures;
  const tail = first ? tensorTail(first, input.role) : [];
  const size = tail.reduce((a, b) => a * b, 1);
  const request = { ...pictureRequest(pictures, input.role, classCount(roles)), fixedRows };
  return buildFeeds(session, heldRoles(roles), [{ name: input.name, size, tail }], request, noise);
}

/** Everything after the batch axis. */
function tensorTail(picture: Planes, role: PictureInput['role']): number[] {
  const { height, width } = picture;
  const channels = role.role === 'labelMap' ? role.classes : picture.channels;
  return role.layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
}

function pictureRequest(
  pictures: readonly Planes[],
  role: PictureInput['role'],
  classes: number,
): FeedRequest {
  const values = pictures.map((picture) =>
    role.role === 'labelMap' ? oneHotPlanes(picture, role) : fromPlanes(picture, role),
  );
  const latents = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of values) {
    latents.set(one, at);
    at += one.length;
  }
  const count = pictures.length;
  const classWeights = new Float32Array(count * classes);
  for (let i = 0; i < count && classes > 0; i++) classWeights[i * classes] = 1;
  const seeds = new Array<number>(count).fill(0);
  return { count, latents, classWeights, seeds, noise: 'random', truncation: 1 };
}

/** A latent that is not drawn is noise that is always the same. */
function heldRoles(roles: Readonly<Record<string, InputRole>>): Record<string, InputRole> {
  return Object.fromEntries(
    Object.entries(roles).map(([name, role]) => [name, role.role === 'latent' ? { role: 'noise' } : role]),
  );
}
