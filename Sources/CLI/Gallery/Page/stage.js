// A picture of a photo: the photo, over it a map in colours, or another picture in its place.

const jpeg = text => 'data:image/jpeg;base64,' + text

/// Draws a map, grey as it is kept, in the colours that were chosen.
const paint = async (canvas, picture) => {
  const wanted = state.colours + picture
  if (canvas.wanted === wanted) return
  canvas.wanted = wanted
  const image = new Image()
  image.src = jpeg(picture)
  await image.decode()
  if (canvas.wanted !== wanted) return
  canvas.width = image.naturalWidth
  canvas.height = image.naturalHeight
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context.drawImage(image, 0, 0)
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height), table = levels(state.colours)
  const words = new Uint32Array(pixels.data.buffer)
  for (let i = 0; i < words.length; i++) words[i] = table[words[i] & 255]
  context.putImageData(pixels, 0, 0)
}

/// A picture of a photo in a stage of any shape.
class Stage {
  /// - label: whether the stage names what it shows.
  constructor(photo, pictures, label) {
    Object.assign(this, { photo, pictures })
    this.picture = h('img', { alt: '', src: jpeg(pictures.photo), draggable: 'false' })
    this.canvas = h('canvas', { 'aria-hidden': 'true', hidden: true })
    this.other = h('img', { alt: '', hidden: true, draggable: 'false' })
    this.box = h('span', { class: 'box', hidden: true, 'aria-hidden': 'true' })
    this.pic = h('span', { class: 'pic' }, this.picture, this.canvas, this.other, this.box)
    this.pic.style.setProperty('--ratio', pictures.w / pictures.h)
    this.tag = h('span', { class: 'tag', hidden: true, 'aria-hidden': 'true' })
    this.element = h('span', { class: 'stage' }, this.pic, label ? this.tag : null)
  }

  /// - Returns: when it is drawn.
  show(frame, tag) {
    const { kind, method } = frame, target = this.photo.at(frame.target), of = this.photo.targets[target]
    const { sides, maps, guided, combined, overlays } = this.pictures
    this.tag.textContent = tag ? shown(tag) : ''
    this.tag.hidden = !tag
    const map = kind === 'map' ? maps[target]?.[method] : undefined
    const other = kind === 'guided' ? guided[target] : kind === 'combined' ? combined[target]?.[method]
      : kind === 'map' ? overlays[target]?.[method] : undefined
    this.canvas.hidden = !map
    this.other.hidden = !other
    this.picture.hidden = Boolean(other)
    if (other) this.other.src = jpeg(other)
    const what = kind === 'map' ? `${run.methods[method]} map over ` : kind === 'guided' ? 'guided backpropagation of '
      : kind === 'combined' ? `${run.methods[method]} map times guided backpropagation of ` : ''
    const text = `${what}${shown(this.photo.name)}${what && of ? `, for ${shown(of.name)}` : ''}`
    this.picture.alt = this.other.alt = text
    const box = kind === 'map' && of
      && this.photo.facts.boxes.find(b => b.target === of.name && b.method === run.methods[method])
    this.box.hidden = !box
    if (box) {
      const [x0, y0, x1, y1] = box.box, [width, height] = sides
      const place = { left: x0 / width, top: y0 / height, width: (x1 - x0) / width, height: (y1 - y0) / height }
      for (const side in place) this.box.style[side] = `${100 * place[side]}%`
    }
    return map ? paint(this.canvas, map) : Promise.resolve()
  }
}

/// All pictures of a photo, by what they show: those that are the same for every class once.
const frames = (photo, pictures) => kinds.flatMap(kind => {
  const has = target => kind.kind === 'photo' || (kind.kind === 'map'
    ? pictures.maps[target]?.[kind.method] || pictures.overlays[target]?.[kind.method]
    : kind.kind === 'guided' ? pictures.guided[target] : pictures.combined[target]?.[kind.method])
  const isBlind = kind.kind === 'photo' || kind.kind === 'map' && run.blind.includes(run.methods[kind.method])
  return photo.targets.map((target, place) => ({ ...kind, target: place, of: isBlind ? null : target.name }))
    .filter(frame => has(frame.target) && (!isBlind || frame.target === 0))
})

const frameLabel = frame => frame.of === null ? frame.label : `${frame.label}: ${frame.of}`
