// Stands in for a vendor of the catalogue: leaves on the site what that vendor leaves, and tells the demo that it runs.
{
  const {id, cookies, keys, forward} = VENDOR
  const whole = (name) => name.replace('*', 'demo')
  for (const name of cookies) document.cookie = `${whole(name)}=stand-in; path=/; max-age=86400; samesite=lax`
  for (const [place, name] of keys) (place === 'session' ? sessionStorage : localStorage).setItem(whole(name), 'stand-in')
  if (forward) {
    const [queue, takes, list] = forward
    globalThis[queue][takes] = (...call) => globalThis[queue][list].push(call)
  }
  fetch(new URL(`${id}/hit`, document.currentScript.src), {keepalive: true}).catch(() => {})
}
