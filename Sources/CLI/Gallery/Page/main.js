// Controls, views and keys.

const standardFilter = { find: '', class: '', status: '', from: null, to: null }

const option = (value, label) => h('option', { value }, shown(label))

/// Takes up a choice, and draws what depends on it.
const choose = change => {
  Object.assign(state, change)
  const has = (...names) => names.some(name => name in change)
  if (has('sort') && !('falls' in change)) {
    Object.assign(state, { falls: sorts[state.sort].falls || false, from: null, to: null })
  }
  controls()
  const keyed = state.sort.startsWith('measure') || state.sort === 'edge' || ['better', 'worse'].includes(state.status)
  const depends = has('show') && keyed || has('target') && (keyed || state.sort === 'score')
  if (has('find', 'class', 'status', 'sort', 'falls', 'from', 'to') || depends) {
    gallery.fill()
    // What was seen is elsewhere now.
    const top = $('grid').offsetTop - $('tools').offsetHeight - 40
    if (!$('photo').open && scrollY > top) scrollTo(0, Math.max(top, 0))
  } else gallery.update()
  if ($('photo').open) viewer.update()
  if (has('show', 'colours') && !$('view-classes').hidden) views.classes()
}

/// The controls say what is chosen.
const controls = () => {
  for (const id of ['show', 'target', 'colours', 'class', 'status', 'sort']) $(id).value = state[id]
  if ($('search').value !== state.find) $('search').value = state.find
  for (const id of ['from', 'to']) if (state[id] === null) $(id).value = ''
  for (const slider of document.querySelectorAll('.weight')) {
    slider.value = 100 * (1 - state.weight)
    slider.nextElementSibling.textContent = `${Math.round(100 * (1 - state.weight))} %`
  }
  document.documentElement.style.setProperty('--map', 1 - state.weight)
  $('direction').textContent = state.falls ? '↓' : '↑'
  $('direction').title = state.falls ? 'Greatest first; turn round (s)' : 'Least first; turn round (s)'
  $('direction').setAttribute('aria-label', $('direction').title)
  $('range').hidden = !sorts[state.sort].unit
}

const show = name => {
  for (const view of ['photos', 'classes', 'metrics', 'run']) {
    $('view-' + view).hidden = view !== name
    $('tab-' + view).setAttribute('aria-selected', String(view === name))
    $('tab-' + view).tabIndex = view === name ? 0 : -1
  }
  $('tools').hidden = name === 'metrics' || name === 'run'
  for (const control of document.querySelectorAll('.of-photos')) control.classList.toggle('away', name !== 'photos')
  if (name !== 'photos') views[name]()
  scrollTo(0, 0)
  gallery.layout()
}

const begin = () => {
  const failed = photos.filter(p => p.failed).length
  document.title = `${run.model}: ${plural(photos.length, 'photo')} – gradcam report`
  $('subject').replaceChildren(named(run.model), ' at ', named(run.layer))
  $('summary').replaceChildren(`${plural(photos.length, 'photo')}, ${run.methods.join(', ')}`,
    ...failed ? [', ', h('button', {
      onclick: () => { choose({ ...standardFilter, status: 'failed' }); show('photos') },
    }, h('span', { class: 'bad' }, `${failed.toLocaleString('en')} failed`))] : [])

  $('show').append(...kinds.map((kind, i) => option(i, kind.label)))
  const names = Array.from({ length: mostTargets }, (_, i) => new Set(photos.filter(p => p.targets.length)
    .map(p => p.groups[p.at(i)])))
  $('target').append(...names.map((set, i) => option(i, set.size === 1 ? [...set][0] : `class ${i + 1} of each photo`)))
  $('target-label').hidden = mostTargets === 1
  $('colours').append(...Object.keys(run.colormaps).map(name => option(name, name)))
  const counts = new Map()
  for (const photo of photos) for (const name of new Set(photo.groups)) counts.set(name, (counts.get(name) || 0) + 1)
  $('class').append(option('', 'all'), ...[...counts].sort((a, b) => b[1] - a[1])
    .map(([name, count]) => option(name, `${name} (${count})`)))
  $('status').append(...Object.entries(statuses).map(([key, { label }]) => option(key, label)))
  $('sort').append(...Object.entries(sorts).map(([key, { label }]) => option(key, label)))
  $('tab-metrics').hidden = !run.judged

  const number = id => $(id).value === '' ? null : Number($(id).value)
  for (const id of ['show', 'target']) $(id).onchange = () => choose({ [id]: Number($(id).value) })
  for (const id of ['colours', 'class', 'status', 'sort']) $(id).onchange = () => choose({ [id]: $(id).value })
  for (const id of ['from', 'to']) $(id).oninput = () => choose({ [id]: number(id) })
  $('search').oninput = () => choose({ find: $('search').value })
  addEventListener('input', ({ target }) => {
    if (!target.matches('.weight')) return
    state.weight = 1 - target.value / 100
    controls()
  })
  $('direction').onclick = () => choose({ falls: !state.falls })
  $('reset').onclick = () => choose({ ...standard })
  $('controls').onsubmit = event => event.preventDefault()
  const wide = matchMedia('(min-width: 760px)'), fold = () => { $('tools').open = wide.matches }
  wide.onchange = fold
  fold()
  for (const view of ['photos', 'classes', 'metrics', 'run']) $('tab-' + view).onclick = () => show(view)
  $('help').onclick = () => $('keys').showModal()
  $('keys-close').onclick = () => $('keys').close()
  $('photo').onclose = () => gallery.move(Math.max(viewer.place, 0))

  let isAsked = false
  const later = () => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => { isAsked = false; gallery.draw() })
  }
  addEventListener('scroll', later, { passive: true })
  new ResizeObserver(() => gallery.layout()).observe($('grid'))
  addEventListener('beforeprint', () => { gallery.printAll() })
  addEventListener('afterprint', () => {
    gallery.isPrinting = false
    gallery.draw()
  })
  addEventListener('keydown', key)
  controls()
  gallery.fill()
}

/// Keys that need no other key; in fields they are letters.
const key = event => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'p' && !$('photo').open) {
    event.preventDefault()
    gallery.printAll().then(() => print())
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || $('keys').open) return
  if (event.target.matches('select, input:not([type=range])')) {
    if (event.key === 'Escape') event.target.blur()
    return
  }
  const isOpen = $('photo').open, isArrow = event.key.startsWith('Arrow')
  if (event.target.matches('[role=tab]') && isArrow) {
    const tabs = [...$('tabs').children].filter(tab => !tab.hidden)
    const by = ['ArrowLeft', 'ArrowUp'].includes(event.key) ? -1 : 1
    const tab = tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length]
    tab.click()
    tab.focus()
    return event.preventDefault()
  }
  if (event.target.matches('input[type=range], .side, .scroll') && isArrow && (event.target.matches('input')
    || ['ArrowUp', 'ArrowDown'].includes(event.key))) return
  const next = by => choose({ show: (state.show + by + kinds.length) % kinds.length })
  const weigh = by => { state.weight = Math.min(Math.max(state.weight - by, 0), 1); controls() }
  const isGallery = !isOpen && !$('view-photos').hidden, go = by => gallery.move(gallery.cursor + by)
  const actions = {
    m: () => next(1), M: () => next(-1), c: () => choose({ target: (state.target + 1) % mostTargets }),
    '[': () => weigh(-.1), ']': () => weigh(.1), s: () => choose({ falls: !state.falls }),
    '?': () => $('keys').showModal(),
    ...!isOpen && { '/': () => { $('tools').open = true; $('search').focus() }, 1: () => show('photos'),
      2: () => show('classes'), 3: () => run.judged && show('metrics'), 4: () => show('run') },
    ...isOpen && { ArrowLeft: () => viewer.step(-1), ArrowRight: () => viewer.step(1) },
    ...isGallery && { ArrowLeft: () => go(-1), ArrowRight: () => go(1), ArrowUp: () => go(-gallery.columns),
      ArrowDown: () => go(gallery.columns), Home: () => gallery.move(0),
      End: () => gallery.move(gallery.list.length - 1) },
  }
  if (!Object.hasOwn(actions, event.key)) return
  event.preventDefault()
  actions[event.key]()
}

begin()
