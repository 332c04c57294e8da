// Prints the flag table of the given npm folders, as embedded in flags.json:
//
//	node extract.js NPM_FOLDER... > flags.json
//
// Written for npm 6 to 12, which keep their definitions in three places.
'use strict'
const path = require('path')

function definitions (npm) {
  for (const where of [
    'node_modules/@npmcli/config/lib/definitions/index.js', // npm 9 and newer
    'lib/utils/config/index.js' // npm 8
  ]) {
    try {
      const { definitions, shorthands } = require(path.join(npm, where))
      const types = Object.fromEntries(Object.entries(definitions).map(([k, d]) => [k, d.type]))
      return { types, shorthands }
    } catch (e) {
      if (e.code !== 'MODULE_NOT_FOUND') throw e
    }
  }
  const { types, shorthands } = require(path.join(npm, 'lib/config/defaults.js')) // npm 6
  return { types, shorthands }
}

function name (type) {
  if (type === null) return 'null'
  if (typeof type === 'function') return type.name === 'Umask' ? 'umask' : type.name
  if (type === path) return 'path'
  if (typeof type === 'object') {
    if (type.type) return name(type.type)
    return type.parse && type.resolve ? 'url' : 'other'
  }
  return JSON.stringify(type)
}

// The addresses of the machine that runs this are among the types of local-address.
const here = Object.values(require('os').networkInterfaces()).flat().map(a => JSON.stringify(a.address))

const out = {}
for (const npm of process.argv.slice(2)) {
  const dir = path.resolve(npm)
  const { types, shorthands } = definitions(dir)
  const keys = {}
  for (const [key, type] of Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))) {
    keys[key] = [...new Set([].concat(type).map(name))].filter(t => !here.includes(t)).join(' ')
  }
  out[require(path.join(dir, 'package.json')).version] = {
    keys,
    shorthands: Object.fromEntries(Object.entries(shorthands).map(([k, v]) => [k, [].concat(v)]))
  }
}
console.log(JSON.stringify(out, null, 1))
