// The photos as cards. Only those near what is seen are there, however many photos there are.

const gallery = {
  list: [], cursor: 0, items: new Map(), columns: 1, width: 0, height: 0, gap: 14, isPrinting: false,

  /// Takes the photos that are chosen anew. The photo at the cursor stays it where it is still there.
  fill() {
    const at = this.list[this.cursor]
    this.list = chosen()
    this.cursor = Math.max(this.list.indexOf(at), 0)
    this.clear()
    const all = photos.length, count = this.list.length
    $('count').textContent = count === all ? plural(all, 'photo')
      : count ? `${count.toLocaleString('en')} of ${plural(all, 'photo')}`
        : 'No photo is so: change or reset the filter.'
    this.layout()
  },

  clear() {
    $('grid').replaceChildren()
    this.items.clear()
  },

  layout() {
    const room = $('grid').clientWidth
    if (!room) return
    const least = room < 560 ? 165 : room < 1800 ? 230 : 290
    this.gap = room < 560 ? 10 : 14
    this.columns = Math.max(1, Math.floor((room + this.gap) / (least + this.gap)))
    this.width = (room - this.gap * (this.columns - 1)) / this.columns
    this.stageHeight = Math.round(.75 * this.width)
    this.height = this.stageHeight + 4 + 80
    $('grid').style.height = `${Math.ceil(this.list.length / this.columns) * (this.height + this.gap)}px`
    for (const [place, item] of this.items) this.put(item, place)
    this.draw()
  },

  put(item, place) {
    item.style.width = `${this.width}px`
    item.style.height = `${this.height}px`
    const [x, y] = [place % this.columns * (this.width + this.gap), this.top(place)]
    item.style.transform = `translate(${x}px, ${y}px)`
    item.querySelector('.stage, .reason').style.height = `${this.stageHeight}px`
  },

  top(place) { return Math.floor(place / this.columns) * (this.height + this.gap) },

  /// The cards of what is seen, a screen above and below it, and the cursor's, which keeps the focus.
  draw() {
    if ($('view-photos').hidden || !this.height || this.isPrinting) return
    const above = scrollY - $('grid').offsetTop, row = this.height + this.gap, screen = innerHeight
    const first = Math.max(Math.floor((above - screen) / row), 0) * this.columns
    const end = Math.min(Math.ceil((above + 2 * screen) / row) * this.columns, this.list.length)
    this.drawRange(first, end)
  },

  drawRange(first, end) {
    for (const [place, item] of this.items) {
      if ((place < first || place >= end) && place !== this.cursor) {
        item.remove()
        this.items.delete(place)
      }
    }
    const places = Array.from({ length: Math.max(end - first, 0) }, (_, i) => first + i)
    if (this.list.length && (this.cursor < first || this.cursor >= end)) places.push(this.cursor)
    for (const place of places) if (!this.items.has(place)) this.add(place)
  },

  add(place) {
    const photo = this.list[place], pictures = photo.pictures
    const card = pictures ? this.card(photo, pictures) : this.failure(photo)
    card.tabIndex = place === this.cursor ? 0 : -1
    card.onfocus = () => this.move(place, false)
    card.onclick = () => viewer.open(place)
    const item = h('div', { class: 'item', role: 'listitem', 'aria-setsize': this.list.length,
      'aria-posinset': place + 1 }, card)
    item.photo = photo
    this.put(item, place)
    this.items.set(place, item)
    // In their order, which is also that of reading.
    const next = [...$('grid').children].find(other => +other.dataset.place > place)
    item.dataset.place = place
    $('grid').insertBefore(item, next || null)
    card.update?.()
  },

  failure(photo) {
    return h('button', { class: 'card' },
      h('span', { class: 'reason bad' }, shown(photo.facts.error || 'Its pictures cannot be read.')),
      h('span', { class: 'bar' }), h('span', { class: 'lines' }, h('span', { class: 'name' }, named(photo.name)),
        photo.failed ? h('span', { class: 'bad' }, 'failed') : null))
  },

  card(photo, pictures) {
    const stage = new Stage(photo, pictures, true), all = frames(photo, pictures)
    const bar = h('span', null), lines = h('span', { class: 'lines' })
    const card = h('button', { class: 'card' }, stage.element, h('span', { class: 'bar' }, bar), lines)
    card.update = () => {
      const frame = { ...kinds[state.show], target: state.target }, target = photo.targets[photo.at(state.target)]
      bar.style.width = hundred === 100 ? `${100 * (photo.score(state.target) || 0)}%` : 0
      lines.replaceChildren(...this.lines(photo, target))
      card.drawn = stage.show(frame)
    }
    // The pointer's place across the picture chooses among all of its pictures.
    stage.element.addEventListener('pointermove', event => {
      if (event.pointerType === 'touch') return
      const { left, width } = stage.element.getBoundingClientRect()
      const place = Math.floor((event.clientX - left) / width * all.length)
      const frame = all[Math.min(Math.max(place, 0), all.length - 1)]
      stage.show(frame, frameLabel(frame))
    })
    stage.element.addEventListener('pointerleave', () => stage.show({ ...kinds[state.show], target: state.target }))
    return card
  },

  lines(photo, target) {
    const by = sorts[state.sort], verdict = photo.judgement(state.target, method())?.verdict
    const sign = verdict && (verdict.better ? h('span', { class: 'good' }, 'beats the controls')
      : verdict.better === false ? h('span', { class: 'warn' }, 'no better than a control') : null)
    const remark = photo.remarks.length ? h('span', { class: 'warn' }, plural(photo.remarks.length, 'remark')) : null
    const sorted = by.text && state.sort !== 'score'
      ? h('span', { class: 'number muted' }, `${by.label} ${by.text(photo)}`) : null
    return [
      h('span', { class: 'name' }, named(photo.name), photo.isMissed ? h('span', { class: 'warn' }, '≠ best') : null),
      h('span', null, target ? named(target.name) : h('span'),
        h('span', { class: 'number' }, photo.scoreText(state.target))),
      h('span', null, sorted || sign || remark || h('span'), sorted || sign ? remark : null),
    ]
  },

  /// Draws what is there by what is chosen now.
  update() { for (const item of this.items.values()) item.firstChild.update?.() },

  /// Moves the cursor.
  move(place, focuses = true) {
    if (!this.list.length) return
    const old = this.items.get(this.cursor)
    if (old) old.firstChild.tabIndex = -1
    this.cursor = Math.min(Math.max(place, 0), this.list.length - 1)
    if (!this.items.has(this.cursor)) this.add(this.cursor)
    const card = this.items.get(this.cursor).firstChild
    card.tabIndex = 0
    if (focuses) this.reveal(card)
  },

  reveal(card) {
    const tools = matchMedia('(min-width: 760px)').matches ? $('tools').offsetHeight : 0
    const y = $('grid').offsetTop + this.top(this.cursor)
    if (y < scrollY + tools) scrollTo(0, y - tools - this.gap)
    else if (y + this.height > scrollY + innerHeight) scrollTo(0, y + this.height + this.gap - innerHeight)
    card.focus({ preventScroll: true })
    this.draw()
  },

  /// Cards of all photos that are chosen, as many as can be printed.
  async printAll() {
    this.isPrinting = true
    this.drawRange(0, Math.min(this.list.length, 500))
    await Promise.all([...this.items.values()].map(item => item.firstChild.drawn))
  },
}
