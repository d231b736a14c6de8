"""Looks at a page of --report in a headless browser as a user would: keys, pointer, filters, phone and dark mode.

    check.py PAGE [--pictures FOLDER]

Ends with 1 and a line a fault. The page needs two photos that were explained."""
import argparse

from browser import Browser

# Of every element with text of its own that is seen: its colour beside what lies behind it (WCAG 2.2, 1.4.3).
CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = text => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = text
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data].map(x => x / 255)
  }
  const light = ([r, g, b]) => [r, g, b].map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
    .reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], 0)
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = rgba(getComputedStyle(element).backgroundColor)
      if (colour[3] > .5) return colour
    }
    return rgba('Canvas')
  }
  const faults = []
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('')
    if (!words || element.matches('script, style, noscript, noscript *, .tag')) continue
    if (!element.getClientRects().length) continue
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))]
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05)
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)} of "${words.slice(0, 40)}"`)
  }
  return faults
})()
"""

# A slider's place in CSS, and where it is moved to.
SLIDE = "(s => { s.value = %d; s.dispatchEvent(new Event('input', { bubbles: true })) })(document.querySelector('%s'))"

# Names of what can be used, and texts of pictures.
NAMES = """
[...document.querySelectorAll('button, input, select, a[href], img, canvas[role=img], dialog[open]')]
  .filter(e => e.getClientRects().length && !e.closest('[aria-hidden=true]'))
  .filter(e => !(e.matches('img') ? e.alt : e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')
    || e.labels?.length || e.textContent.trim() || e.querySelector('img[alt]:not([alt=""])')))
  .map(e => 'no name: ' + e.outerHTML.slice(0, 100))
"""


def check(browser, path, save):
    faults = []

    def expect(holds, what):
        if not holds:
            faults.append(what)

    def value(script, expected):
        found = browser.evaluate(script)
        expect(found == expected, f"{script} is {found!r}, not {expected!r}")

    browser.look(1280, 800)
    browser.open(path)
    count = browser.evaluate("photos.length")
    explained = browser.evaluate("photos.filter(p => !p.failed).length")
    expect(explained >= 2, "fewer than two photos were explained")
    expect(browser.evaluate("document.querySelectorAll('.card').length") >= min(count, 4), "cards are missing")
    value("document.documentElement.lang", "en")
    value("document.querySelectorAll('body b, #grid i, #grid script').length", 0)
    save("laptop-light")

    # The weight lies in one variable; maps are coloured.
    first = "document.querySelector('.card canvas')"
    browser.evaluate(SLIDE % (80, "#tools .weight"))
    expect(abs(float(browser.evaluate(f"getComputedStyle({first}).opacity")) - 0.8) < 1e-6, "the slider does nothing")
    colours = f"(c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].slice(0, 3))({first})"
    before = browser.evaluate(colours)
    browser.evaluate("$('colours').value = 'gray'; $('colours').dispatchEvent(new Event('change'))")
    browser.settle()
    grey = browser.evaluate(colours)
    expect(grey[0] == grey[1] == grey[2] and grey != before, f"colours do nothing: {before}, {grey}")
    browser.evaluate("$('reset').click()")

    # Sorting and filters, as the controls do them.
    browser.evaluate("$('sort').value = 'score'; $('sort').dispatchEvent(new Event('change'))")
    scores = browser.evaluate("gallery.list.map(p => p.score(0)).filter(s => s !== null)")
    expect(scores == sorted(scores, reverse=True), f"scores are not sorted: {scores}")
    value("gallery.list.slice(-1)[0].failed", explained < count)
    middle = sorted(scores)[len(scores) // 2]
    unit = browser.evaluate("run.fraction") and 100 or 1
    browser.evaluate(f"$('from').value = {unit * middle}; $('from').dispatchEvent(new Event('input'))")
    value("gallery.list.length", sum(score >= middle - 1e-9 for score in scores))
    browser.evaluate("$('reset').click()")
    browser.evaluate("$('status').value = 'failed'; $('status').dispatchEvent(new Event('change'))")
    value("gallery.list.length", count - explained)
    browser.evaluate("$('reset').click()")
    browser.evaluate("$('search').value = photos[1].name; $('search').dispatchEvent(new Event('input'))")
    value("gallery.list.includes(photos[1])", True)
    browser.evaluate("$('reset').click()")
    value("gallery.list.length", count)

    # The keyboard: a photo is opened, the next one shown, and closing it gives the focus back.
    browser.evaluate("gallery.move(gallery.list.findIndex(p => !p.failed))")
    start = browser.evaluate("gallery.cursor")
    browser.key("Enter")
    value("$('photo').open", True)
    save("photo-light")
    faults.extend(browser.evaluate(NAMES) + browser.evaluate(CONTRAST))
    browser.evaluate(SLIDE % (30, "#photo .weight"))
    weights = "[...document.querySelectorAll('.weight')].map(s => s.value + ' ' + s.nextElementSibling.textContent)"
    value(weights, ["30 30 %", "30 30 %"])
    browser.key("ArrowRight")
    value("viewer.place", start + 1)
    shown = browser.evaluate("state.show")
    browser.key("m")
    expect(browser.evaluate("state.show") != shown, "m shows nothing else")
    browser.key("M")
    browser.key("Escape")
    value("$('photo').open", False)
    value("document.activeElement.closest('.item').photo.place === gallery.list[gallery.cursor].place", True)
    value("gallery.cursor", start + 1)

    # An open photo stays the one that is shown, whatever the order of the others becomes, or is not among them.
    own = ("$('photo-name').textContent === h('p', null, named(viewer.photo.name)).textContent "
           "&& viewer.side.textContent.includes(h('p', null, named(viewer.photo.facts.input)).textContent)")
    browser.evaluate("$('sort').value = 'edge'; $('sort').dispatchEvent(new Event('change'))")
    browser.evaluate("gallery.move(0)")
    browser.key("Enter")
    name = browser.evaluate("viewer.photo.name")
    for key in ["s", "m", "M"]:
        browser.key(key)
        value("viewer.photo.name", name)
        value(own, True)
    browser.evaluate("choose({ find: 'no photo is called so' })")
    value(own, True)
    browser.evaluate("choose({ find: '' })")
    browser.key("ArrowRight")
    value(own, True)
    browser.key("Escape")
    browser.evaluate("$('reset').click()")
    browser.key("?")
    value("$('keys').open", True)
    browser.key("Escape")
    browser.key("/")
    value("document.activeElement.id", "search")
    browser.key("Escape")
    browser.key("Tab")
    expect(browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "no focus is seen")

    # The pointer's place tells which picture.
    browser.evaluate("scrollTo(0, 0)")
    stage = "document.querySelector('.card .stage')"
    box = browser.evaluate(f"(r => [r.x, r.y, r.width, r.height])({stage}.getBoundingClientRect())")
    browser.point(box[0] + box[2] - 3, box[1] + box[3] / 2)
    value("document.querySelector('.card .tag').textContent", "photo")
    browser.point(1, 1)

    # Labels may be long.
    browser.evaluate("$('class').append(option('', 'label '.repeat(30))); $('tools').open = true")
    for view in ["classes", "metrics", "run", "photos"]:
        if view == "metrics" and not browser.evaluate("run.judged"):
            continue
        for scheme in ["light", "dark"]:
            browser.look(1280, 800, scheme)
            browser.evaluate(f"show('{view}')")
            browser.settle()
            save(f"{view}-{scheme}")
            faults.extend(browser.evaluate(NAMES) + browser.evaluate(CONTRAST))
        browser.look(390, 844, "dark", phone=True)
        value("document.documentElement.scrollWidth <= innerWidth", True)
        save(f"{view}-phone")
    browser.look(2560, 1440, "dark")
    save("wide-dark")

    # On paper every photo is there.
    browser.evaluate("gallery.printAll()")
    browser.look(800, 1100)
    value("document.querySelectorAll('.card').length", min(count, 500))
    browser.evaluate("dispatchEvent(new Event('afterprint'))")
    return faults + browser.complaints


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("page")
    parser.add_argument("--pictures")
    arguments = parser.parse_args()
    with Browser() as browser:
        def save(name):
            if arguments.pictures:
                browser.picture(f"{arguments.pictures}/{name}.png")
        faults = check(browser, arguments.page, save)
    for fault in faults:
        print(fault)
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
