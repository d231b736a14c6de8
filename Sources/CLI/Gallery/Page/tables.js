// What is known of all photos: the mean maps of classes, the averages of metrics, and how the run was made.

const views = {
  sort: 'edge',

  /// The mean map of every explained class, by the method that is shown.
  classes() {
    const method = kinds[state.show].kind === 'photo' ? 0 : kinds[state.show].method, view = $('view-classes')
    const edge = mean => mean.maps[method]?.edge ?? -1
    const orders = { edge: ['most at the edge', (a, b) => edge(b) - edge(a)],
      photos: ['most photos', (a, b) => b.photos - a.photos],
      name: ['name', (a, b) => (a.class ?? 1e9) - (b.class ?? 1e9) || (a.name < b.name ? -1 : 1)] }
    const list = [...totals.means].sort(orders[this.sort][1])
    const select = h('select', { onchange: event => { this.sort = event.target.value; this.classes() } },
      Object.entries(orders).map(([key, [label]]) => h('option', { value: key, selected: key === this.sort }, label)))
    const kept = photos.filter(p => p.kept).length
    const cards = list.map(mean => this.mean(mean, method))
    view.replaceChildren(
      h('p', { class: 'muted' }, `The mean of the ${run.methods[method]} maps of each explained class, over photos of
        any shape. A map that is strong where the things are not, at the edges, in a corner, at a watermark, tells that
        the network looks at something else. Of an even map ${percent(totals.even)} is in the outer tenth at the
        edges (the mark on the bar). Choose a class to see its photos.`),
      kept ? h('p', { class: 'warn' },
        `Without ${plural(kept, 'photo')} of an earlier run, whose maps are not known.`) : '',
      h('p', null, h('label', null, 'Sort by ', select)), h('div', { class: 'means' }, cards.map(card => card.element)))
    if (!list.length && !kept) view.replaceChildren(h('p', { class: 'muted' }, 'No photo was explained.'))
    const watcher = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) target.draw()
    }, { rootMargin: '300px' })
    for (const card of cards) watcher.observe(card.element)
  },

  mean(mean, method) {
    const map = mean.maps[method], canvas = h('canvas', { role: 'img', 'aria-label': `Mean ${run.methods[method]} map of
      ${shown(mean.name)}` })
    const share = h('span', null), mark = h('i', null)
    share.style.width = `${100 * (map?.edge ?? 0)}%`
    mark.style.left = `${100 * totals.even}%`
    const element = h('button', {
      onclick: () => { choose({ ...standardFilter, class: mean.name }); show('photos') },
    }, canvas,
      h('span', { class: 'bar edge' }, share, mark),
      h('span', { class: 'lines', style: null }, h('span', { class: 'name' }, named(mean.name)),
        h('span', null, `${percent(map?.edge)} at the edge`),
        h('span', { class: 'muted' }, plural(mean.photos, 'photo'),
          map ? h('span', null, `peak ${fixed(map.peak, 2)}`) : null)))
    for (const line of element.querySelectorAll('.lines')) line.style.display = 'block'
    element.draw = () => map && paint(canvas, map.picture)
    return { element }
  },

  /// Averages by metric and method, with intervals.
  metrics() {
    const view = $('view-metrics'), rows = totals.averages?.averages || []
    if (!rows.length) {
      view.replaceChildren(h('p', { class: 'muted' },
        'Maps were not judged: run again with --metrics, --boxes or --masks.'))
      return
    }
    const words = { true: ['yes', 'good'], false: ['no, worse', 'bad'], null: ['not shown', 'muted'] }
    const tables = [...new Set(rows.map(row => row.metric))].map(name => {
      const own = rows.filter(row => row.metric === name), ends = own.flatMap(r => [r.low ?? r.mean, r.high ?? r.mean])
        .filter(n => n !== null)
      const [low, high] = [Math.min(...ends), Math.max(...ends)]
      const place = n => high > low ? 100 * (n - low) / (high - low) : 50
      const plot = row => {
        if (row.mean === null) return null
        const line = h('span', null), dot = h('b', null), start = place(row.low ?? row.mean)
        line.style.left = `${start}%`
        line.style.width = `${place(row.high ?? row.mean) - start}%`
        dot.style.left = `${place(row.mean)}%`
        return h('span', { class: 'whisker', 'aria-hidden': 'true' }, line, dot)
      }
      const good = { higher: 'higher is better', lower: 'lower is better', neither: '' }[own[0].better]
      const settings = totals.averages.metrics.filter(m => m.name === name && m.settings).map(m => m.settings)
      return [h('h3', null, name, h('span', { class: 'muted' }, good ? `, ${good}` : '')),
        settings.map(text => h('p', { class: 'muted' }, shown(text))),
        h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name }, h('table', null,
          h('thead', null, h('tr', null, ['method', 'mean', '95 % interval', '', 'photos', 'beats the controls']
            .map(text => h('th', { scope: 'col', class: ['mean', 'photos'].includes(text) ? 'number' : null }, text)))),
          h('tbody', null, own.map(row => h('tr', { class: row.control ? 'control' : null },
            h('th', { scope: 'row' }, row.method), h('td', { class: 'number' }, measure(row.mean)),
            h('td', { class: 'number' }, row.low === null ? '–' : `${measure(row.low)} to ${measure(row.high)}`),
            h('td', null, plot(row)), h('td', { class: 'number' }, row.photos),
            row.control ? h('td', { class: 'muted' }, 'control') : !row.decides ? h('td', { class: 'muted' }, '–')
              : h('td', { class: words[row.beats_controls][1] }, words[row.beats_controls][0]))))))]
    })
    view.replaceChildren(h('p', { class: 'muted' }, `${totals.covers}. Controls know nothing of the network's decision:
      a method that does not beat them shows nothing of what the network looks for.`),
      ...tables.flat(9))
  },

  run() {
    const p = run.preprocessing, rows = [
      ['Command', h('code', null, shown(run.command))],
      ['Network', [named(run.model), ` (SHA-256 ${run.model_sha256})`]],
      ['Layer', named(run.layer)], ['Methods', run.methods.join(', ')],
      ['Scores', [`${run.scores} of the output `, named(run.output)]],
      ['What it is fed', shown(run.fed.replace(/^feeding /, ''))],
      ...p.remarks?.length ? [['Preprocessing', p.remarks.map(shown).join('; ')]] : [],
      ...run.share ? [['Share of the photos', run.share]] : [],
      ...run.remarks.length ? [['Remarks', run.remarks.map(shown).join('; ')]] : [],
      ['Maps', run.signed ? '-1 to 1: what speaks against the class, too' : '0 to 1'],
      ['Program', `gradcam ${run.version}`],
    ]
    $('view-run').replaceChildren(h('dl', { class: 'facts' },
      rows.map(([name, value]) => [h('dt', null, name), h('dd', null, value)])),
      h('h3', null, 'How to read this page'),
      h('p', { class: 'muted' }, `Pictures are small copies: the photo, and each map, whose colours the page lays over
        it. Bright parts are not stretched as in the files, so that an overlay may look darker here. The links in a
        photo's view lead to the files where they were written.`))
  },
}
