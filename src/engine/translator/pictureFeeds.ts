/** What an image-to-image graph is fed with: the picture where a generator has its latent, and the same of all else each time. */
import type { PictureIn, Planes } from '../../algorithms/images/planes.ts';
import type { ImageRole, InputRole, LabelMapRole, MaskRole } from '../../shared/generator/roles.ts';
import { buildFeeds, classCount, type FeedRequest, type NoiseSource } from '../feeds/feeds.ts';
import { fromPlanes, oneHotPlanes } from '../pictures/planes.ts';
import type { Session, TensorValue } from '../runtime/session.ts';

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
  pictures: readonly PictureIn[],
  noise: ReadonlyMap<string, NoiseSource> = new Map(),
  fixedRows = 1,
): Record<string, TensorValue> {
  // In the graph's order: it is how their values lie in a row.
  const parts = session.inputs.flatMap(({ name }): Part[] => {
    if (name === input.name) return [{ name, role: input.role, pictures }];
    const role = roles[name];
    return role?.role === 'mask' ? [{ name, role, pictures: pictures.map(maskIn) }] : [];
  });
  const latents = parts.map(({ name, role, pictures: [first] }) => {
    const tail = first ? tensorTail(first, role) : [];
    return { name, size: tail.reduce((a, b) => a * b, 1), tail };
  });
  const request = { ...requestOfParts(parts, pictures.length, classCount(roles)), fixedRows };
  return buildFeeds(session, heldRoles(roles), latents, request, noise);
}

/** What one input is fed with, a picture a row. */
interface Part {
  readonly name: string;
  readonly role: PictureInput['role'] | MaskRole;
  readonly pictures: readonly Planes[];
}

/** Of a picture that was made up to try the model with: the middle is to be filled in. */
function maskIn({ mask, height, width }: PictureIn): Planes {
  if (mask !== undefined) return mask;
  const isMiddle = (at: number, length: number) => at >= length / 4 && at < (3 * length) / 4;
  const data = Float32Array.from({ length: height * width }, (_, i) =>
    isMiddle(Math.floor(i / width), height) && isMiddle(i % width, width) ? 1 : -1,
  );
  return { channels: 1, height, width, data };
}

/** Everything after the batch axis. */
function tensorTail(picture: Planes, role: Part['role']): number[] {
  const { height, width } = picture;
  const channels = role.role === 'labelMap' ? role.classes : picture.channels;
  return role.layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
}

function valuesOf(picture: Planes, role: Part['role']): Float32Array {
  return role.role === 'labelMap' ? oneHotPlanes(picture, role) : fromPlanes(picture, role);
}

function requestOfParts(parts: readonly Part[], count: number, classes: number): FeedRequest {
  const rows = Array.from({ length: count }, (_, row) =>
    parts.map(({ pictures, role }) => valuesOf(pictures[row] as Planes, role)),
  );
  const values = rows.flat();
  const latents = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of values) {
    latents.set(one, at);
    at += one.length;
  }
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
