/** The shape of what answers a page's requests. */

import type { RequestContext } from '../../shared/kernel/rpc.ts';
import type { PageMethod, PageParams, PageProgress, PageResult } from '../../shared/pageProtocol.ts';

export type Handler<M extends PageMethod> = (
  params: PageParams<M>,
  context: RequestContext<PageProgress<M>>,
) => Promise<PageResult<M>>;

export type Handlers = { readonly [M in PageMethod]: Handler<M> };
