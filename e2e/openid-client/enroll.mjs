import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import * as client from 'openid-client'
import * as jose from 'jose'
import { Agent, fetch as undici } from 'undici'
import { Browser } from './browser.mjs'

/** A fetch that brings the client's certificate, and notes who asked for a nonce. */
function fetching(dispatcher, askedForNonce) {
  return async (url, options) => {
    const response = await undici(url, { ...options, dispatcher })
    const { origin } = new URL(url)
    const challenge = response.headers.get('www-authenticate') ?? ''
    const body = response.status === 400 ? await response.clone().text() : ''
    if ((challenge + body).includes('use_dpop_nonce')) askedForNonce.add(origin)
    return response
  }
}

/** The client's certificate among its keys (RFC 8705 §2.2.2). */
function certifiedKey({ certificate }) {
  const x509 = new X509Certificate(fs.readFileSync(certificate))
  return { ...x509.publicKey.export({ format: 'jwk' }), x5c: [x509.raw.toString('base64')] }
}

/** A client's own signing key. */
async function signingKey(alg) {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg)
  const jwk = await jose.exportJWK(publicKey)
  const kid = await jose.calculateJwkThumbprint(jwk)
  return { privateKey, kid, jwk: { ...jwk, kid, alg, use: 'sig' } }
}

/** How the client proves itself: what it registers, and what openid-client does. */
async function authentication(settings, { auth, alg }) {
  switch (auth) {
    case 'tls_client_auth':
      return { metadata: { tls_client_auth_subject_dn: settings.subject_dn }, prove: client.TlsClientAuth() }
    case 'self_signed_tls_client_auth':
      return { metadata: { jwks: { keys: [certifiedKey(settings)] } }, prove: client.TlsClientAuth() }
    default: {
      const { privateKey, kid, jwk } = await signingKey(alg)
      return { metadata: { jwks: { keys: [jwk] } }, prove: client.PrivateKeyJwt({ key: privateKey, kid }) }
    }
  }
}

/** Registers a client at its issuer (RFC 7591) and keeps what its walk needs. */
export async function enroll(settings, chosen) {
  const dpop = chosen.binding === 'dpop'
  const mutual = !dpop || chosen.auth !== 'private_key_jwt'
  const { metadata, prove } = await authentication(settings, chosen)
  const redirect = `https://client.example/${crypto.randomUUID()}`
  const asked = {
    ...metadata,
    client_name: 'openid-client',
    redirect_uris: [redirect],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: chosen.auth,
    id_token_signed_response_alg: chosen.id_token_alg,
    dpop_bound_access_tokens: dpop,
    tls_client_certificate_bound_access_tokens: !dpop,
    use_mtls_endpoint_aliases: mutual,
  }
  const askedForNonce = new Set()
  const connect = mutual ? { cert: fs.readFileSync(settings.certificate), key: fs.readFileSync(settings.key) } : {}
  const config = await client.dynamicClientRegistration(new URL(chosen.issuer), asked, prove, {
    [client.customFetch]: fetching(new Agent({ connect }), askedForNonce),
    initialAccessToken: fs.readFileSync(settings.initial_access_token, 'utf8').trim(),
  })
  const held = dpop ? { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(chosen.alg)) } : undefined
  const browser = new Browser(redirect)
  return { settings, chosen, asked, redirect, config, prove, held, askedForNonce, browser, user: chosen.user }
}

/** The same client where it neither brings a certificate nor a proof. */
export async function emptyHanded({ chosen, config, prove }) {
  const { client_id, ...metadata } = config.clientMetadata()
  return client.discovery(new URL(chosen.issuer), client_id, { ...metadata, use_mtls_endpoint_aliases: true }, prove)
}
