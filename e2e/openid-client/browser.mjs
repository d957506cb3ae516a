// A simple browser: cookies, redirects and forms, no script. It stops where the
// client's own address begins, which nobody serves.

const entities = { amp: '&', lt: '<', gt: '>', quot: '"' }

/** Text of an HTML attribute, as a browser reads it. */
function unescape(text) {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
    .replace(/&(\w+);/g, (whole, name) => entities[name] ?? whole)
}

/** The attributes of one tag. */
function attributes(tag) {
  return Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescape(value)]))
}

/** The page's form: where it goes, its inputs, its buttons. */
function formOf(html) {
  const all = (name) => [...html.matchAll(new RegExp(`<${name}\\b[^>]*>`, 'g'))].map(([tag]) => attributes(tag))
  return { action: all('form')[0]?.action, inputs: all('input'), buttons: all('button') }
}

/** Cookies by host: ports do not separate them (RFC 6265 §8.5). */
class Cookies {
  #kept = []

  take(url, response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...rest] = line.split(/;\s*/)
      const [name, value] = pair.split(/=(.*)/s)
      const flags = Object.fromEntries(rest.map((flag) => flag.split('=')).map(([key, set]) => [key.toLowerCase(), set]))
      const path = flags.path || url.pathname.replace(/\/[^/]*$/, '') || '/'
      const same = (c) => c.host === url.hostname && c.name === name && c.path === path
      this.#kept = this.#kept.filter((c) => !same(c))
      if (Number(flags['max-age'] ?? 1) > 0) this.#kept.push({ host: url.hostname, name, value, path })
    }
  }

  for(url) {
    const within = (path) => path === '/' || url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/'))
    const sent = this.#kept.filter((c) => c.host === url.hostname && within(c.path))
    return sent.map((c) => `${c.name}=${c.value}`).join('; ')
  }
}

export class Browser {
  #cookies = new Cookies()

  /** @param {string} home where the client's own addresses begin */
  constructor(home) {
    this.home = home
  }

  /** Follows a link and its redirects. */
  async open(address, init = {}) {
    for (let hops = 0; hops < 10; hops++) {
      this.url = new URL(address, this.url)
      if (this.url.href.startsWith(this.home)) return this
      const headers = { accept: 'text/html', cookie: this.#cookies.for(this.url), ...init.headers }
      const response = await fetch(this.url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
      this.#cookies.take(this.url, response)
      this.status = response.status
      this.html = await response.text()
      address = response.headers.get('location')
      if (!address) return this
      init = {} // 303: what follows is a GET without the form (SP2-31)
    }
    throw new Error(`too many redirects, the last to ${address}`)
  }

  has(name) {
    return formOf(this.html).buttons.some((button) => button.name === name)
  }

  /** Fills in the page's form and presses a button. */
  async press(name, filled = {}) {
    const { action, inputs, buttons } = formOf(this.html)
    const button = buttons.find((b) => b.name === name)
    if (!button) throw new Error(`${this.url.pathname} (${this.status}) has no button ${name}: ${this.html.slice(-600)}`)
    const form = new URLSearchParams(inputs.map((input) => [input.name, filled[input.name] ?? input.value ?? '']))
    form.set(button.name, button.value)
    const headers = { origin: this.url.origin, 'content-type': 'application/x-www-form-urlencoded' }
    return this.open(action, { method: 'POST', headers, body: form.toString() })
  }

  /** Logs in where asked to, presses approve or deny, and is back at the client. */
  async decide(address, user, button) {
    await this.open(address)
    if (this.has('login')) await this.press('login', { username: user, password: user })
    await this.press(button)
    if (!this.url.href.startsWith(this.home)) throw new Error(`the browser stays at ${this.url.pathname}: ${this.status}`)
    return this.url
  }
}
