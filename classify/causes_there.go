package classify

import (
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// What became of the upload, and what is already there.
//
// npmjs.org scans what it takes since 2026-07-28, before it shows it: "typically around
// five minutes … 15 minutes or more, at peak times … not a service guarantee"; a version
// may be held for a review or blocked
// (https://github.blog/changelog/2026-07-28-npm-publish-time-malware-scanning-and-dual-use-metadata,
// dequelabs/axe-core#5266, changesets/changesets#2195).

// The registries' words for a version that exists: npmjs.org since 2013 and npm
// 11's own check; npm 6 to 9 after a 409; GitHub Packages, GitLab, Gitea,
// Verdaccio, cnpm, Azure Artifacts, Nexus, and Artifactory where npm 12 shows more
// of its answer.
var (
	saysExists = pattern.Any(
		`(?i)cannot publish over (?:the )?(?:previously published|existing) versions?(?:s?:? "?(?P<version>\d+\.\d+\.\d+(?:-[\w.-]*\w)?))?`,
		`modify version \S+, which was previously published`,
		`modify pre-existing version`, `cannot publish \S+ over existing`,
		`package (?:version )?(?:already exists|does exist already)`, `package is already present`, `feed .*already contains`,
		`does not allow updating a(?:rtifact|sset)s`, `published to the feed because it exists`, `cannot be updated - put `,
		`not enough permissions to delete/overwrite artifact`,
	)
	// npm stage publish, of a number that is published or that waits for approval (npm/cli#9519)
	saysNotStaged = pattern.New(`(?i)cannot stage previously published version`)
	saysBurnt     = pattern.New(`(?i)cannot publish over previously published version "`)
	// what npm logs after ^D at their question
	saysNeverCalled = pattern.New(`(?i)exit handler never called|cb\(\) never called`)
	saysRace        = pattern.Any(
		`(?i)failed to save packument`, `unable to create the publication lock`, `could not obtain package lease`,
	)
)

var thereCauses = []*Cause{
	{
		ID: "published-script-failed", Rank: 100, Own: true, Title: "${release} is published; what ran after the upload failed",
		Why: "The registry accepted the upload, and npm failed afterwards. The version is published: publishing it again can only be refused.",
		Happens: []string{
			"the postpublish or publish script failed, often one that pushes a tag or posts a message",
			"a script named publish runs npm publish itself, and the version is already there",
			"npm could not write its cache after the upload (npm 6)",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  prints the shasum that npm printed; on npmjs.org that takes some minutes",
		},
		Fix: []string{
			"Do not publish again. Run by hand what the script should have done: npm run postpublish",
			"Fix the script, for the next release.",
		},
		Prevent: "Keep what can fail out of postpublish, or let it end with 0. Call no script publish, because npm publish runs it too.",
		When:    func(c *Case) bool { return c.upload() == transcript.Accepted },
	},
	{
		ID: "already-published", Rank: 105, Own: true, Title: "${release} is already on ${registry}, ${same}",
		Why: "The registry has this version, and it has the shasum of the package that was just packed, or it was published from the commit " +
			"that is checked out here. There is nothing left to publish, so safepublish ends with status 0.",
		Happens: []string{
			"the answer to the upload was lost (a 502, a reset, a timeout); npm sent it again, and the registry refused because it had the first " +
				"one (npm/cli#6693)",
			"the release ran twice, by hand and in CI, or somebody restarted the CI job",
			"the registry answered 409 although it had stored the version (npm/cli#7376)",
		},
		Confirm: []string{"npm view NAME@VERSION dist.shasum  the shasum on the registry", "npm pack --dry-run  the shasum of what is here"},
		Fix: []string{
			"Do nothing: the version is published.",
			"If the dist-tag points elsewhere: npm dist-tag add ${package}@${version} ${tag}",
		},
		Prevent: "Nothing to prevent. Running a release twice is safe: a version can never be overwritten.",
		// the answer to an upload was lost; what else may hide an upload of ours, its table says
		When: func(c *Case) bool { return c.upload() == transcript.Open || c.Answers.RemoteVersion.Found == Yes },
		Asks: []Question{AskThis}, Check: checkSame, Done: true,
		RuledOutBy: Clues{"version": {"other", "burnt", "gone"}},
	},
	{
		ID: "upload-open", Rank: 110, Title: "it is not known whether ${release} was published on ${registry}",
		Why: "npm ended as if all went well, but nothing proves it: no debug log shows the registry's answer to the upload, and the registry " +
			"does not show the version, or not yet.",
		Happens: []string{
			"npm on PATH is the shim of a version manager that finds no npm, or another script",
			"the folder of npm's debug logs could not be written (a full disk, a read-only home)",
			"npm ended before it had the whole answer, and did not log it: the version was stored, and npmjs.org scans it first",
			"npm 6 and 7 write no log of a publish that went well, and the registry shows a version late",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  whether it is there; npm publish prints the shasum of what it sends",
			"npm --version  whether it is npm at all",
		},
		Fix: []string{
			"Check in some minutes whether it is there: npm view ${package}@${version} dist.shasum${at}",
			"If that prints the shasum that npm publish printed, it was published. If it prints nothing, that proves nothing on npmjs.org yet: " +
				"since July 2026 it scans a version before it shows it, about 5 minutes, 15 and more at peak.",
			"Then publish the same version again: safepublish asks the registry first, and sends only the same contents.",
		},
		Prevent: "Let --npm or SAFEPUBLISH_NPM name npm itself, and keep the state folder writable.",
		Exit:    ExitTempFail, When: func(c *Case) bool { return c.Unproven && !c.HasLog || c.dropped() && c.shownLate() },
	},
	{
		ID: "interrupted", Rank: 125, Title: "the publish was stopped before it was done",
		Why: "^C, ^D at npm's question, or a signal ended npm. If the upload had been sent by then, the registry may have stored it.",
		Happens: []string{
			"^C or ^D at npm's question for a one-time password or for the browser",
			"^C while a script or the upload ran",
			"a CI job was canceled or ran out of time (SIGTERM), or the machine out of memory (SIGKILL)",
			"a script was killed: npm then ends by the same signal and prints nothing",
		},
		Confirm: []string{"npm view NAME@VERSION  whether it was published; npmjs.org may need 15 minutes and more to show it"},
		Fix: []string{
			"First check whether the version was published: npm view ${package}@${version} dist.shasum${at}", "If that prints the shasum that npm " +
				"publish printed, it was published. npmjs.org may need 15 minutes and more to show it.",
			"Otherwise publish the same version again. That is safe, because a version cannot be published twice.",
		},
		Prevent: "Give CI jobs time: npm waits up to 5 minutes for each of three attempts.",
		Exit:    ExitInterrupted,
		When: func(c *Case) bool {
			return c.Canceled || c.Signal != "" || c.status() == 401 && saysNeverCalled.MatchString(c.said())
		},
	},
	{
		ID: "version-staged", Rank: 200, Own: true,
		Title: "${registry} has already accepted ${release}; it waits there to be scanned or approved",
		Why: "The version is taken, so another upload cannot help. Since 2026-07-28 npmjs.org scans a version before it shows it: about 5 " +
			"minutes, 15 and more at peak. It can also hold it for a review, or block it. A version that was staged waits until a person approves " +
			"it.",
		Happens: []string{
			"the first upload was accepted, and a second one came while it was scanned",
			"the version was sent with npm stage publish and waits for approval (\"Cannot stage previously published version\")",
			"npmjs.org holds it for a review, or blocked it; it may send a mail to the account that published it",
			"processing got stuck: the version never appears, and its number is lost (npm/cli#9889)",
		},
		Confirm: []string{
			"npm stage list NAME  what waits for approval (npm 11.15 and later)",
			"npm view NAME@VERSION  shows it as soon as it can be read",
		},
		Fix: []string{
			"Do not publish it again. Check whether it waits for approval, on a machine where you are logged in: npm stage list ${package}${at}",
			"If it does: npm stage approve ID. To replace its contents: npm stage reject ID, then stage it again.",
			"If it does not, it is most likely being scanned. Wait 15 minutes or more, then check: npm view ${package}@${version}${at}",
			"If it is still not there after a day: ask https://www.npmjs.com/support, and publish the next version.",
		},
		Prevent: "Wait until the version can be read before you start what needs it: safepublish --wait 30m",
		Exit:    ExitTempFail, Says: pattern.New(`(?i)previously staged version|` + saysNotStaged.String()[len("(?i)"):]),
	},
	{
		ID: "republish-too-soon", Rank: 205, Own: true,
		Title:   "${package} was unpublished less than 24 hours ago; ${registry} does not accept it again yet",
		Why:     "After the whole package was unpublished, npmjs.org refuses its name for 24 hours, whatever the version.",
		Happens: []string{"npm unpublish NAME --force, or the last version of the package was unpublished"},
		Confirm: []string{"npm view NAME  404 Unpublished on …: the 24 hours count from then"},
		Fix: []string{
			"Wait until 24 hours have passed, then publish a version that was never used.",
			"If it cannot wait, publish under another name.",
		},
		Prevent: "Deprecate a version instead of unpublishing it: npm deprecate NAME@VERSION \"why\".",
		Exit:    ExitTempFail, Says: pattern.New(`(?i)cannot be republished until 24 hours`),
	},
	{
		ID: "version-burnt", Rank: 210, Own: true,
		Title: "${release} was published and unpublished before; ${registry} never accepts a version twice",
		Why: "A version can be used only once, so it always means the same contents. npm view no longer lists it, but the " +
			"registry remembers it.",
		Happens: []string{"the version was unpublished", "the registry accepted it, then lost it while processing (npm/cli#9889)"},
		Confirm: []string{
			"npm view NAME time --json  lists every version ever used, also those that are gone",
			"npm view NAME versions  lists those that are there",
		},
		Fix:     []string{"Publish the next version that is free: npm version patch"},
		Prevent: "Deprecate a version instead of unpublishing it: npm deprecate NAME@VERSION \"why\".",
		Exit:    ExitData, Status: []int{0, 400, 403, 409}, Says: saysExists,
		RuledOutBy: Clues{"version": {"same", "other", "there"}},
	},
	{
		ID: "version-exists", Rank: 215, Own: true, Title: "${release} is already on ${registry}",
		Why: "A version can be published only once, and can never be replaced.",
		Happens: []string{
			"the version in package.json was not raised after the last release",
			"the release ran twice, or somebody else released meanwhile",
			"npm retried an upload whose answer was lost; then it is published (see already-published)",
			"the version was unpublished earlier (see version-burnt), or is being processed (see version-staged)",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  the shasum on the registry; npm publish prints yours",
			"npm view NAME time --json  every version ever used, and when",
		},
		Fix: []string{
			"Raise the version (patch, minor, major or prerelease), then publish again: npm version patch",
			"If the version is right and only the dist-tag is wrong: npm dist-tag add ${package}@${version} ${tag}",
		},
		Prevent: "Raise the version in the release step itself, and let CI first compare it with npm view NAME version.",
		Exit:    ExitData, Status: []int{0, 400, 403, 409}, Says: saysExists,
		RuledOutBy: Clues{"version": {"burnt", "gone"}},
	},
	{
		ID: "publish-race", Rank: 815, Title: "${registry} was still busy with another publish of ${package} (409 Conflict)",
		Why: "Two publishes changed the package at the same time, or the earlier one was not processed yet. The version may have been stored " +
			"all the same (npm/cli#7376).",
		Happens: []string{
			"several versions are published in quick succession",
			"two jobs publish the same package at the same time",
			"an earlier upload was accepted, but its answer was lost",
		},
		Confirm: []string{"npm view NAME@VERSION dist.shasum  whether it was published; npmjs.org may need 15 minutes and more to show it"},
		Fix: []string{
			"First check whether the version was published: npm view ${package}@${version} dist.shasum${at}", "If that prints the shasum that npm " +
				"publish printed, it was published. npmjs.org may need 15 minutes and more to show it.",
			"Otherwise wait a minute and publish the same version again. If the answer is then \"previously staged\", the first upload was " +
				"accepted and is being scanned.",
		},
		Prevent: "Publish one version after the other. npm 9 and older show \"404 Not Found - GET\" instead of the 409.",
		Exit:    ExitTempFail, Status: []int{0, 400, 409}, Says: saysRace,
	},
}

// checkSame: the same bytes are there, so the publish is done, whatever npm said.
func checkSame(c *Case) verdict {
	switch c.SameBytes() {
	case Yes:
		return byAnswers(thisVersion(c)...)
	case No:
		return ruledOut(thisVersion(c)...)
	}
	if c.versionThere() == No && c.upload() != transcript.Open {
		return ruledOut()
	}
	return possible()
}
