/** The cheapest set of vertices that separates sources from a sink (Menger; Edmonds and Karp, J. ACM 19, 1972). */

export interface CutProblem {
  /** What it costs to take each vertex into the cut; Infinity where it may not be. */
  readonly costs: readonly number[];
  /** Directed edges between vertices. */
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly sources: readonly number[];
  readonly sinks: readonly number[];
}

/** Every vertex v is an edge v·in → v·out of capacity cost(v); the others cannot be cut. */
interface Arc {
  readonly to: number;
  capacity: number;
  readonly back: number;
}

/** Vertices of a cheapest cut, the one nearest to the sources among equals; null when there is none of finite cost. */
export function minimumVertexCut({ costs, edges, sources, sinks }: CutProblem): number[] | null {
  const count = costs.length;
  const [source, sink] = [2 * count, 2 * count + 1];
  const arcs: Arc[][] = Array.from({ length: 2 * count + 2 }, () => []);
  const connect = (from: number, to: number, capacity: number) => {
    const [there, back] = [arcs[from] ?? [], arcs[to] ?? []];
    there.push({ to, capacity, back: back.length });
    back.push({ to: from, capacity: 0, back: there.length - 1 });
  };
  for (const [v, cost] of costs.entries()) connect(2 * v, 2 * v + 1, cost);
  for (const [from, to] of edges) connect(2 * from + 1, 2 * to, Number.POSITIVE_INFINITY);
  for (const v of sources) connect(source, 2 * v, Number.POSITIVE_INFINITY);
  for (const v of sinks) connect(2 * v + 1, sink, Number.POSITIVE_INFINITY);
  for (;;) {
    const path = shortestPath(arcs, source, sink);
    if (path === null) break;
    const amount = Math.min(...path.map(({ capacity }) => capacity));
    if (amount === Number.POSITIVE_INFINITY) return null;
    for (const arc of path) {
      arc.capacity -= amount;
      const reverse = arcs[arc.to]?.[arc.back];
      if (reverse !== undefined) reverse.capacity += amount;
    }
  }
  const reached = reachable(arcs, source);
  return costs.flatMap((_, v) => (reached.has(2 * v) && !reached.has(2 * v + 1) ? [v] : []));
}

function reachable(arcs: readonly (readonly Arc[])[], source: number): Map<number, Arc | null> {
  const from = new Map<number, Arc | null>([[source, null]]);
  const queue = [source];
  for (const at of queue) {
    for (const arc of arcs[at] ?? []) {
      if (arc.capacity <= 0 || from.has(arc.to)) continue;
      from.set(arc.to, arc);
      queue.push(arc.to);
    }
  }
  return from;
}

function shortestPath(arcs: readonly (readonly Arc[])[], source: number, sink: number): Arc[] | null {
  const from = reachable(arcs, source);
  const path: Arc[] = [];
  for (let at = sink; at !== source; ) {
    const arc = from.get(at);
    if (arc === undefined || arc === null) return null;
    path.push(arc);
    at = arcs[arc.to]?.[arc.back]?.to ?? source;
  }
  return path;
}
