// Makes the npm packages: node .ci/npm/pack.js VERSION BUILDS OUT. BUILDS has a folder with
// the program for each system, called as node calls it, such as linux-x64: each becomes a
// package, and the package safepublish depends on all of them.
'use strict'

const { execSync } = require('child_process')
const fs = require('fs')
const os = require('os')
const path = require('path')

const [version, builds, out] = process.argv.slice(2).map((arg, i) => i ? path.resolve(arg) : arg)
const root = path.join(__dirname, '..', '..')
const main = require('./package.json')
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'safepublish-npm-'))

// pack writes a package with these files, each from a path. npm pack gives the same bytes
// for the same files, whenever it runs.
function pack (manifest, files) {
  const dir = path.join(temp, path.basename(manifest.name))
  for (const [name, from] of Object.entries({ LICENSE: path.join(root, 'LICENSE'), ...files })) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
    fs.copyFileSync(from, path.join(dir, name))
    fs.chmodSync(path.join(dir, name), name.startsWith('bin/') ? 0o755 : 0o644)
  }
  fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify(manifest, null, 2) + '\n')
  execSync('npm pack --silent --ignore-scripts', { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
  for (const name of fs.readdirSync(dir).filter(name => name.endsWith('.tgz'))) {
    fs.copyFileSync(path.join(dir, name), path.join(out, name))
  }
}

// A package for one system has no bin: nothing but the package safepublish starts it. Yarn's
// Plug'n'Play keeps packages in zip files, out of which no program starts, unless they say so.
function platform (system) {
  const [platform, cpu] = system.split('-')
  const manifest = {
    name: `@safepublish/${system}`,
    version,
    description: `safepublish for ${system}; install the package safepublish`,
    license: main.license,
    os: [platform],
    cpu: [cpu],
    preferUnplugged: true,
    publishConfig: { access: 'public' }
  }
  const program = platform === 'win32' ? 'safepublish.exe' : 'safepublish'
  pack(manifest, { [`bin/${program}`]: path.join(builds, system, program) })
  return manifest.name
}

try {
  const optionalDependencies = Object.fromEntries(fs.readdirSync(builds).sort().map(system => [platform(system), version]))
  pack({ ...main, version, optionalDependencies }, {
    'README.md': path.join(root, 'README.md'),
    'bin/safepublish.js': path.join(__dirname, 'bin', 'safepublish.js')
  })
} finally {
  fs.rmSync(temp, { recursive: true, force: true })
}
