// Drives the suite with openid-client, a certified library which others write.
//
//   NODE_EXTRA_CA_CERTS=.../ca.pem node run.mjs settings.json
//
// Prints a line of JSON for each step of each client: {client, step, error}, where
// error is absent when the step did what it says.
import fs from 'node:fs'
import { enroll } from './enroll.mjs'
import { steps } from './steps.mjs'

const settings = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))

/** An error and what caused it: openid-client wraps what the server answered. */
function explain(error) {
  const causes = []
  for (let at = error; at instanceof Error; at = at.cause) {
    causes.push([at.code, at.status, at.error, at.error_description ?? at.message].filter(Boolean).join(' '))
    if (at.cause && !(at.cause instanceof Error)) causes.push(JSON.stringify(at.cause))
  }
  return causes.join(' <- ') || String(error)
}

async function report(client, step, act) {
  try {
    await act()
    console.log(JSON.stringify({ client, step }))
    return true
  } catch (error) {
    console.log(JSON.stringify({ client, step, error: explain(error) }))
    return false
  }
}

for (const chosen of settings.clients) {
  let walk
  if (!(await report(chosen.name, 'registration', async () => (walk = await enroll(settings, chosen))))) continue
  for (const [step, act] of Object.entries(steps)) await report(chosen.name, step, () => act(walk))
}
