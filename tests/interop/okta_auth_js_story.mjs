// Okta's own library for browsers and Node signs somebody in (authorization code with PKCE), renews and revokes.
// Arguments: where the library is installed, the org's URL and a client ID. On stdin: login and password, a line each.
// Prints a line for each step.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [installed, issuer, clientId] = process.argv.slice(2);
const { OktaAuth, buildAuthorizeParams, getOAuthUrls } = createRequire(`${installed}/`)('@okta/okta-auth-js');
const [username, password] = readFileSync(0, 'utf8').trim().split('\n');
const redirectUri = 'http://localhost:8765/authorization-code/callback';
const scopes = ['openid', 'profile', 'email', 'offline_access', 'okta.users.read'];
const auth = new OktaAuth({ issuer, clientId, redirectUri, scopes, storageManager: { token: { storageType: 'memory' } } });

const cookies = new Map();

// One request of the person's browser: it keeps cookies and shows where it is sent.
async function browse(url, form) {
  const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  const body = form && new URLSearchParams(form);
  const answer = await fetch(new URL(url, issuer), { method: form ? 'POST' : 'GET', headers, body, redirect: 'manual' });
  for (const cookie of answer.headers.getSetCookie()) {
    const [name, value] = cookie.split(';')[0].split('=');
    cookies.set(name, value);
  }
  const location = answer.headers.get('location');
  return location && !location.startsWith(redirectUri) ? browse(location) : location || answer.text();
}

function hidden(page) {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, value.replaceAll('&amp;', '&')]));
}

const params = await auth.token.prepareTokenParams();
const page = await browse(getOAuthUrls(auth, params).authorizeUrl + buildAuthorizeParams(params));
const consent = await browse('/login', { ...hidden(page), username, password });
const back = await browse('/oauth2/v1/authorize/consent', { ...hidden(consent), answer: 'allow' });
const { code, state } = Object.fromEntries(new URL(back).searchParams);
console.log('state', state === params.state);

// The library checks the ID token: issuer, audience, nonce, times and the signature with the org's keys.
const { tokens } = await auth.token.exchangeCodeForTokens({ ...params, authorizationCode: code });
console.log('tokens', Object.keys(tokens).sort().join(' '));
auth.tokenManager.setTokens(tokens);
console.log('signed in', (await auth.token.getUserInfo(tokens.accessToken, tokens.idToken)).preferred_username);
const me = await fetch(`${issuer}/api/v1/users/me`, { headers: { authorization: `Bearer ${tokens.accessToken.accessToken}` } });
console.log('api', me.status);

const renewed = await auth.token.renewTokens({ tokens });
console.log('renewed', renewed.accessToken.accessToken !== tokens.accessToken.accessToken, renewed.idToken.claims.sub === tokens.idToken.claims.sub);
auth.tokenManager.setTokens(renewed);
await auth.revokeAccessToken(renewed.accessToken);
await auth.revokeRefreshToken(renewed.refreshToken);
try {
  await auth.token.renewTokens({ tokens: renewed });
} catch (error) {
  console.log('revoked', error.errorCode ?? error.name);
}
process.exit(0);
