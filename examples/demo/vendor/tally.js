// Tally Analytics, as far as this demo needs it: names the visitor, counts the page.
{
  const kept = document.cookie.match(/(?:^|; )tally_id=([^;]+)/)
  const id = kept ? kept[1] : Math.random().toString(36).slice(2)
  document.cookie = `tally_id=${id}; path=/; max-age=7776000; samesite=lax`
  document.cookie = `tally_s_1=${Date.now()}; path=/; max-age=1800; samesite=lax`
  localStorage.setItem('tally', JSON.stringify({id, pages: 1 + (JSON.parse(localStorage.getItem('tally') || '{}').pages || 0)}))
  const hit = new URL('/tally/hit', document.currentScript.src)
  hit.searchParams.set('page', location.pathname)
  fetch(hit, {keepalive: true}).catch(() => {})
}
