package logs

import "strings"

// sentence is what a registry or npm says of one kind of refusal, in lower case, and
// the status or code that comes with it, for clients that leave it out. Alone, with no
// word of a client around it, such a sentence is the last resort.
type sentence struct {
	text   string
	code   string
	status int
}

var sentences = []sentence{
	{"must sign up for private packages", "E402", 402},
	{"previously staged version", "E409", 409},
	{"cannot stage previously published version", "E409", 409},
	{"cannot publish over existing version", "E409", 409},
	{"failed to save packument", "E409", 409},
	{"publish over the previously published version", "E403", 403},
	{"publish over previously published version", "E400", 400},
	{"do not have permission to publish", "E403", 403},
	{"package name too similar to existing package", "E403", 403},
	{"cannot be republished until 24 hours", "E403", 403},
	{"oidc permission denied", "E403", 403},
	{"may not perform that action with these credentials", "E403", 403},
	{"with bypass 2fa enabled is required to publish", "E403", 403},
	{"package name triggered spam detection", "E403", 403},
	{"verify your email before publishing", "E403", 403},
	{"an automation token was specified", "E403", 403},
	{"requires a one-time password", "EOTP", 401},
	{"must provide a one-time pass", "EOTP", 401},
	{"must be logged in to publish packages", "E401", 401},
	{"error verifying sigstore provenance bundle", "E422", 422},
	{"rate limited exceeded", "E429", 429},
	{"this package has been marked as private", "EPRIVATE", 0},
	{"requires you to be logged in to http", "ENEEDAUTH", 0},
	{"must specify a tag using --tag when publishing", "", 0},
	{"cannot implicitly apply the", "", 0},
	{"tag name must not be a valid semver range", "", 0},
}

// phrases are what clients print behind an address for a status that they leave out,
// and what a broken connection is called (node's codes, bun's names).
var phrases = []sentence{
	{": not found", "E404", 404},
	{": forbidden", "E403", 403},
	{": unauthorized", "E401", 401},
	{": payment required", "E402", 402},
	{": conflict", "E409", 409},
	{"econnrefused", "ECONNREFUSED", 0},
	{"connectionrefused", "ECONNREFUSED", 0},
	{"econnreset", "ECONNRESET", 0},
	{"connectionclosed", "ECONNRESET", 0},
	{"enotfound", "ENOTFOUND", 0},
	{"eai_again", "EAI_AGAIN", 0},
	{"etimedout", "ETIMEDOUT", 0},
	{"failedtoopensocket", "FETCH_ERROR", 0},
	{"timeout: failed to publish", "ETIMEDOUT", 0},
}

// findSentence returns what a sentence alone tells of status and code, nil for nothing.
func findSentence(text string) *sentence {
	low := strings.ToLower(text)
	for _, list := range [][]sentence{sentences, phrases} {
		for i := range list {
			if strings.Contains(low, list[i].text) {
				return &list[i]
			}
		}
	}
	return nil
}
