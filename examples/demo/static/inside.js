// Keeps "Behind the scenes" up to date: every two seconds while it is open, and after every choice.
const drawer = document.querySelector('.drawer')
const seen = document.querySelector('[data-seen]')
const each = (name, use) => {
  for (const part of seen.querySelectorAll(`[data-${name}]`)) use(part, part.dataset[name])
}
let shown = ''

async function refresh() {
  const answer = await fetch(seen.dataset.seen).catch(() => null)
  const text = answer?.ok ? await answer.text() : shown
  if (text === shown) return
  shown = text
  show(JSON.parse(text))
}

function show(now) {
  each('count', (part, vendor) => { part.textContent = now.counts[vendor] })
  each('granted', (part, purpose) => {
    part.textContent = now.granted[purpose] ? seen.dataset.yes : seen.dataset.no
    part.className = now.granted[purpose] ? 'yes' : 'no'
  })
  each('empty', (part, list) => { part.hidden = now[list].length > 0 })
  each('list', (part, list) => {
    const rows = now[list].map((row) => {
      const copy = part.nextElementSibling.content.cloneNode(true)
      const texts = Array.isArray(row) ? row : [row.title, row.time, row.text]
      copy.querySelectorAll('dt, dd, span, time, pre').forEach((slot, n) => { slot.textContent = texts[n] })
      return copy
    })
    part.replaceChildren(...rows)
  })
}

if (drawer) {
  // The fragment keeps the drawer open on the next page: nothing is stored for it.
  const carry = () => {
    const fragment = drawer.open ? '#inside' : ''
    history.replaceState(history.state, '', location.pathname + location.search + fragment)
    for (const link of document.links) {
      if (link.origin === location.origin && ['', '#inside'].includes(link.hash)) link.hash = fragment
    }
  }
  drawer.addEventListener('toggle', () => { carry(); if (drawer.open) refresh() })
  drawer.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !drawer.open) return
    drawer.open = false
    drawer.firstElementChild.focus()
  })
  if (location.hash === '#inside') drawer.open = true
}

seen.addEventListener('submit', async (event) => {
  if (!event.target.matches('[data-reset]')) return
  event.preventDefault()
  await fetch(event.target.action, {method: 'POST', redirect: 'manual'})
  refresh()
})
document.addEventListener('consent:change', () => setTimeout(refresh, 400))
setInterval(() => { if (!document.hidden && (!drawer || drawer.open)) refresh() }, 2000)
