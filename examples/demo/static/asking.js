// A link that rests on a consent asks when it is followed, and leads on where the answer is yes.
// Without this script the page behind it asks.
document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[data-ask]')
  const plain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey)
  if (!link || !plain || !globalThis.ConsentWidget?.ask) return
  event.preventDefault()
  const {ask, recipient, refused} = link.dataset
  const said = link.closest('section, form').querySelector('[data-said]')
  said.textContent = ''
  if (await ConsentWidget.ask(ask, {recipient, again: true})) location.assign(link.href)
  else said.textContent = refused
})
