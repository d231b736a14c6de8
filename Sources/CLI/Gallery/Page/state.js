// What the user chose, and which photos that shows in which order.

const mostTargets = Math.max(1, ...photos.map(p => p.targets.length))

/// Every picture that there is of a photo: the map of a method over it, guided backpropagation, both combined (of a
/// method), the photo alone.
const kinds = [
  ...run.methods.map((name, method) => ({ kind: 'map', method, label: name })),
  ...(run.guided ? [{ kind: 'guided', method: 0, label: 'guided' }] : []),
  ...(run.combined
    ? run.methods.map((name, method) => ({ kind: 'combined', method, label: `${name} × guided` })) : []),
  { kind: 'photo', method: 0, label: 'photo' },
]

const standard = {
  show: 0, target: 0, weight: run.weight, colours: run.colours, find: '', class: '', status: '', sort: 'order',
  falls: false, from: null, to: null,
}
const state = { ...standard }

/// The method whose maps, metrics and verdicts are shown.
const method = () => run.methods[kinds[state.show].method]

/// Scores are shown in percent.
const hundred = run.fraction && photos.some(p => p.targets.some(isScore)) ? 100 : 1

/// What photos can be sorted by: a name, how a number is shown, and the number, or a text.
const sorts = {
  order: { label: 'order of the run', of: p => p.place },
  name: { label: 'name', of: p => p.facts.input, isText: true },
  score: { label: 'score', text: p => p.scoreText(state.target), falls: true, unit: hundred,
    of: p => p.score(state.target) },
  top: { label: 'best score', text: p => p.facts.top?.length ? score(p.facts.top[0].score) : '', falls: true,
    unit: run.fraction ? 100 : 1, of: p => p.facts.top?.[0]?.score ?? null },
  edge: { label: 'map at the edge', text: p => percent(p.edge(state.target, kinds[state.show].method)), falls: true,
    unit: 100, of: p => p.edge(state.target, kinds[state.show].method) },
}
for (const name of new Set(photos.flatMap(p => (p.facts.judgements || []).flatMap(j => j.measures.map(m => m.name))))) {
  sorts['measure ' + name] = { label: name, unit: 1, falls: true,
    text: p => measure(p.measure(state.target, method(), name)),
    of: p => p.measure(state.target, method(), name) }
}

/// Which photos a word in the list of photos stands for.
const isBetter = wanted => p => p.judgement(state.target, method())?.verdict?.better === wanted
const statuses = {
  '': { label: 'all', holds: () => true },
  done: { label: 'explained', holds: p => !p.failed },
  failed: { label: 'failed', holds: p => p.failed },
  remarks: { label: 'with a remark', holds: p => p.remarks.length > 0 },
  missed: { label: 'another class is best', holds: p => p.isMissed },
  ...(photos.some(p => p.kept) ? { kept: { label: 'of an earlier run', holds: p => p.kept } } : {}),
  ...(run.judged ? {
    better: { label: 'better than the controls', holds: isBetter(true) },
    worse: { label: 'no better than a control', holds: isBetter(false) },
  } : {}),
}

/// The photos that are shown, in their order. Photos without the number that they are sorted by come last.
const chosen = () => {
  const words = state.find.toLowerCase().split(/\s+/).filter(Boolean), by = sorts[state.sort], unit = by.unit || 1
  const isLimited = by.unit && (state.from !== null || state.to !== null)
  const list = photos.filter(p => {
    if (!statuses[state.status].holds(p) || !words.every(word => p.text.includes(word))) return false
    if (state.class && !p.groups.includes(state.class)) return false
    if (!isLimited) return true
    const number = by.of(p)
    return number !== null && (state.from === null || unit * number >= state.from)
      && (state.to === null || unit * number <= state.to)
  })
  const keys = new Map(list.map(p => [p, by.of(p)])), sign = state.falls ? -1 : 1
  const compare = by.isText ? new Intl.Collator('en', { numeric: true }).compare : (a, b) => a - b
  return list.sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)]
    if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place
    return sign * compare(x, y) || a.place - b.place
  })
}
