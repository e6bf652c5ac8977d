/** Names, addresses and folders of the Hugging Face hub. Free of `vscode`, so that tests drive it in plain Node. */
import path from 'node:path';

const PUBLIC_HUB = 'https://huggingface.co';

export interface HubName {
  readonly id: string;
  readonly revision: string;
}

/** `organisation/name` or `organisation/name@revision`; null for anything else. */
export function parseHubName(text: string): HubName | null {
  const [, id = '', revision = 'main'] =
    /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w.-]+(?:\/[\w.-]+)*))?$/.exec(text.trim()) ?? [];
  if (id === '' || id.includes('..') || id.includes('--')) return null;
  return revision.split('/').includes('..') ? null : { id, revision };
}

/** The setting, else HF_ENDPOINT, else the public hub; null for an address that is none. */
export function hubEndpoint(setting: string, env: NodeJS.ProcessEnv): string | null {
  const address = setting.trim() || env.HF_ENDPOINT || PUBLIC_HUB;
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  return protocol === 'https:' || protocol === 'http:' ? address.replace(/\/+$/, '') : null;
}

/** Where the Python libraries look, so that nothing is fetched twice: huggingface_hub's environment variables. */
export function hubCacheFolder(env: NodeJS.ProcessEnv, home: string): string {
  const own = env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE;
  if (own) return own;
  const general = env.XDG_CACHE_HOME || path.join(home, '.cache');
  return path.join(env.HF_HOME || path.join(general, 'huggingface'), 'hub');
}
