// What the page holds, read: blocks of JSON, of the run, of every photo (facts and pictures), and of all photos.

const $ = id => document.getElementById(id)

const parse = id => {
  const block = $(id)
  return block && JSON.parse(block.textContent)
}

const run = parse('run')
const totals = parse('totals')

/// Text as it is safe to show: characters that control the direction or the terminal are named.
const shown = text => String(text).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
  sign => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`)

/// An element with properties and attributes (`on...`: listeners), and what it holds: elements, texts, null.
const h = (tag, properties, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'class') element.className = value
    else element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat(9).filter(child => child !== null && child !== undefined && child !== false))
  return element
}

/// A name that comes from a file.
const named = text => h('bdi', null, shown(text))

const fixed = (number, digits) => number === null || number === undefined ? '–' : number.toFixed(digits)
const percent = share => share === null || share === undefined ? '–'
  : `${(100 * share).toFixed(share < .1 ? 1 : 0)} %`
const score = number => run.fraction ? (number === null ? '–' : `${(100 * number).toFixed(1)} %`) : fixed(number, 2)
const measure = number => fixed(number, 3)
const plural = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

/// Whether a target is how strongly a photo speaks for a class by itself: its score is what the network says of it.
const isScore = target => ['logit', 'probability', 'pixels', 'box'].includes(target.kind) && target.class !== null

/// What a target is of, whatever the photo: a detector's targets are called by each photo's own boxes.
const group = (target, facts) => {
  const own = facts.classes.find(c => c.index === target.class)
  return own ? own.label === null ? `class ${own.index}` : `${own.index} ${own.label}`
    : target.kind === 'box' ? 'boxes' : target.name
}

/// A photo of the run. Its pictures stay text until they are asked for.
class Photo {
  constructor(place, facts) {
    // An earlier run explained it, and its report is shown as it was.
    this.kept = facts.kept !== undefined
    if (this.kept) {
      facts = { ...facts.kept, boxes: facts.kept.regions.filter(r => r.box), edges: [], links: facts.links }
    }
    Object.assign(this, { place, facts })
    this.name = facts.input.split('/').pop()
    this.targets = facts.targets || []
    this.groups = this.targets.map(t => group(t, facts))
    this.failed = facts.error !== undefined
    this.remarks = facts.diagnosis || []
    this.text = [facts.input, facts.error || '', ...this.targets.map(t => t.name), ...this.remarks,
      ...(facts.top || []).map(c => c.label || '')].join('\n').toLowerCase()
  }

  /// null of a photo that failed.
  get pictures() { return parse('p' + this.place) }

  /// The explained target's place among the photo's: it may have fewer than others.
  at(target) { return Math.min(target, this.targets.length - 1) }

  /// What the network says of the explained class; of what is no class, the number that was explained.
  score(target) {
    const own = this.targets[this.at(target)]
    if (!own) return null
    return isScore(own) ? this.facts.classes.find(c => c.index === own.class).score : own.value
  }

  scoreText(target) {
    const own = this.targets[this.at(target)]
    if (!own) return ''
    return isScore(own) ? score(this.score(target)) : fixed(own.value, 3)
  }

  judgement(target, method) {
    const own = this.targets[this.at(target)]
    return own && this.facts.judgements.find(j => j.target === own.name && j.method === method)
  }

  measure(target, method, name) {
    const found = this.judgement(target, method)?.measures.find(m => m.name === name)
    return found ? found.value : null
  }

  edge(target, method) { return this.facts.edges?.[this.at(target)]?.[method] ?? null }

  /// Whether another class than the first explained one has the best score; none has where they are not numbers.
  get isMissed() {
    const [own, best] = [this.targets[0], this.facts.top?.[0]]
    return Boolean(own && best && best.score !== null && own.class !== null && own.class !== best.index)
  }
}

const photos = []
for (let block; (block = $('f' + photos.length)); block.remove()) {
  photos.push(new Photo(photos.length, JSON.parse(block.textContent)))
}

/// The colours of a colormap's 256 levels, as the pixels of a canvas are.
const levels = name => {
  const bytes = atob(run.colormaps[name])
  return Uint32Array.from({ length: 256 }, (_, i) => (0xff << 24 | bytes.charCodeAt(3 * i + 2) << 16
    | bytes.charCodeAt(3 * i + 1) << 8 | bytes.charCodeAt(3 * i)) >>> 0)
}
