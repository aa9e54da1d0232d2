// Stands in for a vendor of the catalogue: leaves on the site what that vendor leaves, shows what belongs to its place in the
// page, and tells the demo that it runs.
{
  const {id, cookies, keys, forward} = VENDOR
  const source = new URL(document.currentScript.src)
  const whole = (name) => name.replace('*', 'demo')
  for (const name of cookies) document.cookie = `${whole(name)}=stand-in; path=/; max-age=86400; samesite=lax`
  for (const [place, name] of keys) (place === 'session' ? sessionStorage : localStorage).setItem(whole(name), 'stand-in')
  if (forward) {
    const [queue, takes, list] = forward
    globalThis[queue][takes] = (...call) => globalThis[queue][list].push(call)
  }
  fetch(new URL(`${id}/hit`, source), {keepalive: true}).catch(() => {})

  const show = (element, title) => {
    const frame = document.createElement('iframe')
    Object.assign(frame, {title, src: new URL(`${id}/frame?lang=${document.documentElement.lang}`, source).href})
    element.append(frame)
  }
  const faces = {
    amap: () => { globalThis.AMap = {Map: class { constructor(name) { show(document.getElementById(name), 'Amap') } }} },
    turnstile: () => { globalThis.turnstile = {render: (element) => show(element, 'Turnstile')} },
    meiqia: () => {
      const chat = Object.assign(document.createElement('details'), {className: 'conversation'})
      chat.append(Object.assign(document.createElement('summary'), {textContent: 'Meiqia'}))
      const does = ([what]) => {
        if (what === 'init') document.querySelector('main').append(chat), show(chat, 'Meiqia')
        if (what === 'showPanel') chat.open = true
      }
      const earlier = globalThis._MEIQIA.a
      globalThis._MEIQIA = Object.assign((...call) => does(call), {a: earlier})
      for (const call of earlier) does(call)
    },
  }
  faces[id]?.()
  const ready = source.searchParams.get('onload') ?? source.searchParams.get('callback')
  if (ready) globalThis[ready]()
}
