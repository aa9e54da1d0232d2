// Beacon Ads, as far as this demo needs it: recognises the visitor across pages.
{
  const kept = document.cookie.match(/(?:^|; )beacon_uid=([^;]+)/)
  const id = kept ? kept[1] : Math.random().toString(36).slice(2)
  document.cookie = `beacon_uid=${id}; path=/; max-age=15552000; samesite=lax`
  localStorage.setItem('beacon', JSON.stringify({id, seen: location.pathname}))
  const pixel = new URL('/beacon/pixel', document.currentScript.src)
  pixel.searchParams.set('page', location.pathname)
  new Image().src = pixel.href
}
