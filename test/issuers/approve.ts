/** How the person behaves. */
export interface Person {
  /** Name typed at the login page, default `alice`. */
  readonly login?: string
  /** Refuses instead of agreeing, default false. */
  readonly denies?: boolean
}

/** Where the browser ended up. */
export interface LastPage {
  readonly url: string
  readonly status: number
  readonly html: string
}

/**
 * Plays the person of a device login, RFC 8628 §3.3: opens the address, logs in
 * and agrees on the issuer's own pages.
 *
 * @param verificationUri With the code in it, or without and `userCode` is typed.
 */
export async function approveDevice(
  verificationUri: string,
  person: Person & { readonly userCode?: string } = {},
): Promise<LastPage> {
  return browse(verificationUri, person)
}

/** Plays the person of a browser login: from the authorization address to the page of the loopback callback. */
export async function openAuthorization(
  authorizationUri: string,
  person: Person = {},
): Promise<LastPage> {
  return browse(authorizationUri, person)
}

/** No login of the issuer has more pages; one that does is a loop. */
const MOST_PAGES = 40

async function browse(
  start: string,
  person: Person & { readonly userCode?: string },
): Promise<LastPage> {
  const cookies = new Map<string, string>()
  let url = start
  let form: URLSearchParams | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const answer = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      ...(form !== undefined && { body: form }),
    })
    keepCookies(cookies, answer.headers)
    const next = answer.headers.get('location')
    if (next !== null) {
      url = new URL(next, url).href
      form = undefined
      continue
    }
    const html = await answer.text()
    const step = nextStep(html, person)
    if (step === undefined) return { url, status: answer.status, html }
    url = new URL(step.url, url).href
    form = step.form
  }
  throw new Error(`no end after ${MOST_PAGES} pages`)
}

function keepCookies(cookies: Map<string, string>, headers: Headers): void {
  for (const cookie of headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }
}

/** What the person does on a page: fill in its form, follow its cancel link, or nothing any more. */
function nextStep(
  html: string,
  person: Person & { readonly userCode?: string },
): { readonly url: string; readonly form?: URLSearchParams } | undefined {
  const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1]
  if (action === undefined) return undefined
  const cancel = /<a href="([^"]+\/abort)"/.exec(html)?.[1]
  if (person.denies === true && cancel !== undefined) return { url: cancel }
  const form = new URLSearchParams()
  for (const [input] of html.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(input)?.[1]
    if (name !== undefined)
      form.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? typed(name, person))
  }
  if (person.denies === true && form.has('confirm')) form.set('abort', 'yes')
  // A page that asks for the code again after a refusal or a mistake is the end.
  if (form.get('user_code') === '') return undefined
  if (/class="red"/.test(html)) return undefined
  return { url: action, form }
}

function typed(name: string, person: Person & { readonly userCode?: string }): string {
  if (name === 'login') return person.login ?? 'alice'
  if (name === 'user_code') return person.userCode ?? ''
  return 'any password'
}
