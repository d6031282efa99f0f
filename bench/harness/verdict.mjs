import { median } from './loop.mjs';

/**
 * Summarizes the rounds for one row of the table: the median of promark's number, and the median ratio to what it is
 * compared with, taken within each round. Undefined if promark was not measured.
 */
export function verdict(benchCase, plannedRow, rounds, node = process.version) {
  const row = { ...plannedRow, atLeast: targetOn(plannedRow.atLeast, node), atMost: targetOn(plannedRow.atMost, node) };
  const numbers = rounds
    .map((round) => round[benchCase.name])
    .filter((results) => Number.isFinite(results?.promark?.[row.value]));
  if (numbers.length === 0) return undefined;
  const ours = (results) => results.promark[row.value];
  const limit = (results) => results.limit?.[row.value];
  const peers = [...new Set(numbers.flatMap(Object.keys))].filter((name) => name !== 'promark' && name !== 'limit');
  const against = {
    itself: () => ({ value: ours }),
    own: () => ({ [row.limit]: (results) => ours(results) / results.promark[row.limit] }),
    limit: () => ({ limit: (results) => ours(results) / limit(results) }),
    over: () => ({ limit: (results) => ours(results) - limit(results) }),
    peers: () =>
      Object.fromEntries(peers.map((peer) => [peer, (results) => toPeer(row, ours(results), results[peer])])),
  }[row.against]();
  const ratios = {};
  const ranges = {};
  for (const [name, ratio] of Object.entries(against)) {
    const taken = numbers.map(ratio).filter(Number.isFinite);
    if (taken.length === 0) continue;
    ratios[name] = median(taken);
    ranges[name] = [Math.min(...taken), Math.max(...taken)];
  }
  return {
    case: benchCase.name,
    work: row.work,
    unit: row.unit,
    promark: median(numbers.map(ours)),
    against: row.against,
    ratios,
    ranges,
    ...(benchCase.limit !== undefined && 'limit' in ratios && { limit: benchCase.limit }),
    target: row.atLeast ?? row.atMost,
    direction: row.atMost === undefined ? 'atLeast' : 'atMost',
    met: isMet(row, Object.values(ratios)),
  };
}

/** Targets may depend on the Node line: `{ 20: 5, 26: 3 }` is 5 from Node 20 and 3 from Node 26. */
function targetOn(target, node) {
  if (typeof target !== 'object') return target;
  const line = Number.parseInt(node.slice(1), 10);
  return target[Math.max(...Object.keys(target).filter((from) => Number(from) <= line))];
}

/** How many times as fast as the peer; for targets that limit a ratio, the ratio to the peer's number. */
function toPeer(row, ours, peer) {
  return row.atMost === undefined && row.better !== 'more' ? peer?.[row.value] / ours : ours / peer?.[row.value];
}

/** Whether all ratios meet the target; undefined without a target or anything to compare with. */
function isMet({ atLeast, atMost }, ratios) {
  if (ratios.length === 0) return undefined;
  if (atLeast !== undefined) return Math.min(...ratios) >= atLeast;
  return atMost === undefined ? undefined : Math.max(...ratios) <= atMost;
}
