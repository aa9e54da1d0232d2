// Shows, in the drawer, what each vendor has stored and been told; how often it was asked comes from the server (inside.js).
const said = JSON.parse(document.querySelector('[data-said]').dataset.said)
const at = (path) => path.split('.').reduce((owner, name) => owner?.[name], globalThis)

function storedNames() {
  const cookies = document.cookie.split('; ').map((pair) => pair.split('=')[0]).filter(Boolean)
  return [...cookies, ...Object.keys(localStorage), ...Object.keys(sessionStorage)]
}

const fits = (pattern, name) => pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
// The calls about consent: every vendor's begins with this word.
const consentCalls = (kept) => [...(kept && at(kept) || [])].map((call) => [...Object(call)]).filter(([name]) => /^consent/.test(name))

/** What a call says of each signal, or of how many it says yes. */
const summed = (signals) => signals.length < 3
  ? signals.map((pair) => pair.join(': ')).join(', ')
  : `${signals.filter(([, value]) => value === 'granted').length}/${signals.length} ${said.granted}`

function written([name, ...rest]) {
  const parts = rest.map((part) => typeof part === 'string' ? part : summed(Object.entries(part)))
  return `${name} ${parts.join(' ')}`
}

/** What Google's tags believe now: the default, then each update over it. */
function modes() {
  const state = {}
  for (const [, , told] of consentCalls('dataLayer')) Object.assign(state, told)
  return state
}

function fill(part, texts) {
  const text = texts.join('\n') || part.dataset.stored || part.dataset.told
  if (part.textContent === texts.join('') || part.textContent === text) return
  part.replaceChildren(...texts.length ? texts.map((each) => Object.assign(document.createElement('code'), {textContent: each})) : [text])
}

function follow() {
  const now = modes()
  for (const part of document.querySelectorAll('[data-mode]')) {
    const value = now[part.dataset.mode]
    part.textContent = said[value] ?? said.none
    part.className = value === 'granted' ? 'yes' : 'no'
  }
  const names = storedNames()
  for (const vendor of document.querySelectorAll('[data-vendor]')) {
    const patterns = JSON.parse(vendor.dataset.keys)
    fill(vendor.querySelector('[data-stored]'), names.filter((name) => patterns.some((pattern) => fits(pattern, name))))
    const told = vendor.querySelector('[data-told]')
    if (told) fill(told, consentCalls(vendor.dataset.kept).map(written))
    vendor.classList.toggle('runs', vendor.querySelector('[data-count]').textContent !== '0')
  }
}

follow()
setInterval(follow, 500)

// The fair's own map, once the visitor has let Amap in.
ConsentWidget.push(async (widget) => {
  const AMap = await widget.load('amap')
  new AMap.Map('map')
})
