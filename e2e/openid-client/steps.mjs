import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import * as client from 'openid-client'
import { emptyHanded } from './enroll.mjs'

const scope = 'openid accounts'

/** Pushes a request and says where the browser goes. */
async function push(walk) {
  const flow = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() }
  const parameters = {
    redirect_uri: walk.redirect,
    scope,
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  }
  flow.address = await client.buildAuthorizationUrlWithPAR(walk.config, parameters, walk.held)
  return flow
}

/** Redeems what the browser brought; the library checks iss, state and id_token. */
function redeem(walk, flow, { config = walk.config, held = walk.held } = {}) {
  const checks = { expectedState: flow.state, expectedNonce: flow.nonce, pkceCodeVerifier: flow.verifier, idTokenExpected: true }
  return client.authorizationCodeGrant(config, flow.answer, checks, undefined, held)
}

/** A flow that the user has approved. */
async function approved(walk) {
  const flow = await push(walk)
  flow.answer = await walk.browser.decide(flow.address, walk.user, 'approve')
  return flow
}

function accounts(walk, token, { config = walk.config, held = walk.held } = {}) {
  return client.fetchProtectedResource(config, token, new URL(`${walk.settings.bank_api}/accounts`), 'GET', undefined, undefined, held)
}

/** The act must be refused with the OAuth error, in a body or a challenge. */
function refused(act, wanted) {
  return assert.rejects(act, (error) => {
    if ((error.error ?? error.cause?.[0]?.parameters?.error) !== wanted) throw error
    return true
  })
}

/** The token_type, in lower case as the library gives it. */
const bound = (walk) => (walk.held ? 'dpop' : 'bearer')

/** How a token request fails that brings neither certificate nor proof (SP2-4). */
function unproved({ chosen, held }) {
  if (chosen.auth !== 'private_key_jwt') return 'invalid_client' // its certificate is its name
  return held ? 'invalid_dpop_proof' : 'invalid_request'
}

/** Each step does what its name says, in this order. */
export const steps = {
  async discovery({ config, chosen }) {
    const found = config.serverMetadata()
    assert.equal(found.issuer, chosen.issuer)
    assert.equal(found.require_pushed_authorization_requests, true)
    assert.equal(found.authorization_response_iss_parameter_supported, true)
  },

  async 'discovery by RFC 8414'({ config, chosen, prove }) {
    const { issuer } = (await client.discovery(new URL(chosen.issuer), 'anyone', undefined, prove, { algorithm: 'oauth2' })).serverMetadata()
    assert.equal(issuer, config.serverMetadata().issuer)
  },

  async 'pushed request'(walk) {
    walk.flow = await push(walk)
    assert.deepEqual([...walk.flow.address.searchParams.keys()].sort(), ['client_id', 'request_uri'])
  },

  async 'user approves'(walk) {
    walk.flow.answer = await walk.browser.decide(walk.flow.address, walk.user, 'approve')
    assert.ok(walk.flow.answer.searchParams.get('code'))
  },

  async 'code exchange'(walk) {
    walk.tokens = await redeem(walk, walk.flow)
    assert.equal(walk.tokens.token_type, bound(walk))
    assert.ok(walk.tokens.refresh_token)
  },

  async 'id_token'({ tokens, chosen, asked, config }) {
    const claims = tokens.claims()
    assert.equal(claims.aud, config.clientMetadata().client_id)
    assert.equal(claims.iss, chosen.issuer)
    const [header] = tokens.id_token.split('.')
    assert.equal(JSON.parse(Buffer.from(header, 'base64url')).alg, asked.id_token_signed_response_alg)
  },

  async 'id_token signature'(walk) {
    client.enableNonRepudiationChecks(walk.config) // from here on, by the issuer's jwks_uri
    walk.tokens = await redeem(walk, await approved(walk))
  },

  async userinfo(walk) {
    const { sub } = walk.tokens.claims()
    assert.equal((await client.fetchUserInfo(walk.config, walk.tokens.access_token, sub, walk.held)).sub, sub)
  },

  async "bank's API"(walk) {
    const response = await accounts(walk, walk.tokens.access_token)
    assert.equal(response.status, 200)
    assert.ok((await response.json()).length > 0, 'the user has accounts')
  },

  async "bank's API refuses a token without its proof"(walk) {
    const config = await emptyHanded(walk)
    await refused(accounts(walk, walk.tokens.access_token, { config, held: null }), 'invalid_token')
  },

  async 'nonces only where the issuer wants them'({ settings, chosen, asked, config, askedForNonce }) {
    const metadata = config.serverMetadata()
    const { token_endpoint } = asked.use_mtls_endpoint_aliases ? metadata.mtls_endpoint_aliases : metadata
    const { origin } = new URL(token_endpoint)
    assert.deepEqual([...askedForNonce].sort(), chosen.nonces ? [origin, settings.bank_api].sort() : [])
  },

  async refresh(walk) {
    const before = walk.tokens
    walk.tokens = await client.refreshTokenGrant(walk.config, before.refresh_token, undefined, walk.held)
    assert.equal(walk.tokens.token_type, bound(walk))
    assert.notEqual(walk.tokens.access_token, before.access_token)
    walk.refresh_token = walk.tokens.refresh_token ?? before.refresh_token
    assert.equal((await accounts(walk, walk.tokens.access_token)).status, 200)
  },

  async introspection(walk) {
    const answer = await client.tokenIntrospection(walk.config, walk.tokens.access_token)
    assert.equal(answer.active, true)
    assert.equal(answer.client_id, walk.config.clientMetadata().client_id)
    assert.ok(walk.held ? answer.cnf.jkt : answer.cnf['x5t#S256'])
  },

  async 'client credentials'(walk) {
    const { token_type, scope } = await client.clientCredentialsGrant(walk.config, { scope: 'accounts' }, walk.held)
    assert.deepEqual([token_type, scope], [bound(walk), 'accounts'])
  },

  async 'client credentials refused without proof'(walk) {
    const config = await emptyHanded(walk)
    await refused(client.clientCredentialsGrant(config, { scope: 'accounts' }), unproved(walk))
  },

  async 'code refused without proof, then still good'(walk) {
    const flow = await approved(walk)
    const config = await emptyHanded(walk)
    await refused(redeem(walk, flow, { config, held: null }), unproved(walk))
    await redeem(walk, flow)
  },

  async 'code refused with another verifier'(walk) {
    const flow = await approved(walk)
    await refused(redeem(walk, { ...flow, verifier: client.randomPKCECodeVerifier() }), 'invalid_grant')
  },

  async 'code refused the second time, its tokens end'(walk) {
    const flow = await approved(walk)
    const { access_token } = await redeem(walk, flow)
    await refused(redeem(walk, flow), 'invalid_grant')
    await refused(accounts(walk, access_token), 'invalid_token')
  },

  async 'user denies'(walk) {
    const flow = await push(walk)
    flow.answer = await walk.browser.decide(flow.address, walk.user, 'deny')
    await refused(redeem(walk, flow), 'access_denied')
  },

  async 'access token revoked'(walk) {
    const { access_token } = walk.tokens
    await client.tokenRevocation(walk.config, access_token)
    await setTimeout(1_100) // the bank may believe for a second what it was told before
    await refused(accounts(walk, access_token), 'invalid_token')
    assert.equal((await client.tokenIntrospection(walk.config, access_token)).active, false)
  },

  async 'refresh token revoked'(walk) {
    await client.tokenRevocation(walk.config, walk.refresh_token, { token_type_hint: 'refresh_token' })
    await refused(client.refreshTokenGrant(walk.config, walk.refresh_token, undefined, walk.held), 'invalid_grant')
  },
}
