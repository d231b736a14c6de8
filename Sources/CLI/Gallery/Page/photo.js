// One photo, large, with all that is known of it.

const viewer = {
  photo: null, head: null, stage: null, strip: [],

  /// Among the photos that are chosen; -1 where it is none of them any more.
  get place() { return gallery.list.indexOf(this.photo) },

  open(place) {
    this.photo = gallery.list[place]
    this.draw()
    if (!$('photo').open) $('photo').showModal()
    $('photo').querySelector('.next').focus()
  },

  step(by) {
    const place = this.place < 0 ? 0 : this.place + by
    if (place < 0 || place >= gallery.list.length) return
    this.photo = gallery.list[place]
    this.draw()
  },

  header() {
    const place = this.place, count = gallery.list.length
    const button = (name, label, text, action, disabled) => h('button', { class: name, 'aria-label': label,
      title: label, 'aria-disabled': disabled ? 'true' : null, onclick: action }, text)
    return h('header', null,
      button('previous', 'Previous photo (←)', '←', () => this.step(-1), place === 0 || !count),
      button('next', 'Next photo (→)', '→', () => this.step(1), place === count - 1),
      h('h2', { id: 'photo-name' }, named(this.photo.name)),
      h('span', { class: 'muted' }, place < 0 ? 'not among those chosen'
        : `${(place + 1).toLocaleString('en')} / ${count.toLocaleString('en')}`),
      button('close', 'Close (Esc)', '✕', () => $('photo').close()))
  },

  /// The header as it is now, which keeps the focus.
  renewHeader() {
    const focused = this.head.contains(document.activeElement) ? document.activeElement.className : null
    const head = this.header()
    this.head.replaceWith(head)
    this.head = head
    if (focused) head.querySelector('.' + focused)?.focus()
  },

  draw() {
    const photo = this.photo
    if (this.head?.isConnected) this.renewHeader()
    else this.head = this.header()
    const pictures = photo.pictures
    this.stage = pictures && new Stage(photo, pictures, true)
    this.side = h('div', { class: 'side', tabindex: '0', role: 'region', 'aria-label': 'What is known of the photo' })
    const left = pictures
      ? h('div', { class: 'left' }, this.stage.element, this.strips(photo, pictures), photo.kept ? null : this.weight())
      : h('p', { class: 'reason bad' }, shown(photo.facts.error || 'Its pictures cannot be read.'))
    const body = h('div', { class: 'body' }, left, this.side), old = $('photo').querySelector('.body')
    if (old) old.replaceWith(body)
    else $('photo').replaceChildren(this.head, body)
    controls()
    this.update()
  },

  /// Every picture of the photo, to be compared: the one under the pointer is shown large.
  strips(photo, pictures) {
    this.strip = frames(photo, pictures).map(frame => {
      const stage = new Stage(photo, pictures, false)
      const button = h('button', { 'aria-pressed': 'false' }, stage.element,
        h('span', null, named(frameLabel(frame))))
      button.title = shown(frameLabel(frame))
      button.addEventListener('pointerenter', event => {
        if (event.pointerType !== 'touch') this.stage.show(frame, frameLabel(frame))
      })
      button.addEventListener('pointerleave', () => this.update())
      button.addEventListener('click', () => {
        const show = kinds.findIndex(k => k.kind === frame.kind && k.method === frame.method)
        choose({ show, ...(frame.of === null ? {} : { target: frame.target }) })
      })
      return { frame, stage, button }
    })
    return h('div', { class: 'strip', role: 'group', 'aria-label': 'Pictures' }, this.strip.map(s => s.button))
  },

  weight() {
    const slider = h('input', { class: 'weight', type: 'range', min: 0, max: 100, step: 5 })
    return h('label', { class: 'over' }, 'Map over photo', slider, h('output', null))
  },

  /// By what is chosen now.
  update() {
    if (!this.photo) return
    this.renewHeader()
    const photo = this.photo, target = photo.at(state.target), kind = kinds[state.show]
    if (this.stage) {
      const name = photo.targets[target]?.name
      const isBlind = kind.kind === 'photo' || kind.kind === 'map' && run.blind.includes(run.methods[kind.method])
      this.stage.show({ ...kind, target }, isBlind || !name ? kind.label : `${kind.label}: ${name}`)
      for (const { frame, stage, button } of this.strip) {
        stage.show(frame)
        button.setAttribute('aria-pressed', String(frame.kind === kind.kind && frame.method === kind.method
          && (frame.of === null || frame.target === target)))
      }
    }
    this.side.replaceChildren(...this.facts(photo, target).flat(9).filter(Boolean))
  },

  facts(photo, target) {
    const { facts } = photo, own = photo.targets[target], kind = kinds[state.show]
    const part = (title, ...content) => content.flat(9).some(Boolean) ? [h('h3', null, title), ...content] : []
    const list = lines => lines.length ? h('ul', null, lines.map(line => h('li', null, line))) : null
    const classes = facts.classes || [], isExplained = c => classes.some(e => e.index === c.index)
    const all = [...(facts.top || []), ...classes.filter(c => !(facts.top || []).some(t => t.index === c.index))]
    const edge = own ? photo.edge(target, kind.method) : null
    const verdicts = (facts.judgements || []).filter(j => own && j.target === own.name && j.verdict)
    return [
      part('Explained', list(photo.targets.map((t, i) => [named(t.name), `: ${photo.scoreText(i)}`]))),
      part('Classes', all.length ? h('table', null, h('tbody', null, all.map(c => h('tr', null,
        h('td', null, isExplained(c) ? '★' : ''), h('th', { scope: 'row' }, named(c.label ?? `class ${c.index}`)),
        h('td', { class: 'number' }, score(c.score)), h('td', { class: 'number muted' }, fixed(c.logit, 2)))))) : null),
      part('Whether to believe it', this.measures(photo, own),
        list(verdicts.map(({ verdict }) => h('span',
          { class: verdict.better ? 'good' : verdict.better === false ? 'warn' : '' }, shown(verdict.text))))),
      part('Remarks', list(photo.remarks.map(line => h('span', { class: 'warn' }, shown(line))))),
      part('Map at the edge', edge === null ? null : h('p', null, `${percent(edge)} of the ${run.methods[kind.method]}
        map is in the outer tenth at the photo's edges; of an even one it is ${percent(totals.even)}.`)),
      part('Earlier run', photo.kept ? h('p', null, `An earlier run explained it: its pictures are copies of the
        files, which neither the slider nor other colours change.`) : null),
      part('Photo', h('p', null, named(facts.input))),
      part('Files', list((facts.files || []).map((file, i) => facts.links[i]
        ? h('a', { href: facts.links[i].split('/').map(encodeURIComponent).join('/'), target: '_blank',
          rel: 'noopener' }, named(file)) : named(file)))),
    ]
  },

  measures(photo, own) {
    const judged = (photo.facts.judgements || []).filter(j => own && j.target === own.name)
    if (!judged.length) return null
    const names = [...new Map(judged.flatMap(j => j.measures.map(m => [m.name, m.better]))).entries()]
    const good = { higher: 'high', lower: 'low', neither: '' }
    const about = { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Metrics of the photo' }
    return h('div', about, h('table', null,
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'metric'), h('th', { scope: 'col' }, 'good'),
        judged.map(j => h('th', { scope: 'col', class: 'number' }, j.method)))),
      h('tbody', null, names.map(([name, better]) => h('tr', null, h('th', { scope: 'row' }, name),
        h('td', null, good[better]),
        judged.map(j => h('td', { class: j.control ? 'number muted' : 'number' },
          measure(j.measures.find(m => m.name === name)?.value))))))))
  },
}
