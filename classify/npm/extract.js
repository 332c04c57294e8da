// Prints flags.txt from npm folders, one of each major version, oldest first:
//
//	node extract.js NPM_FOLDER... > flags.txt
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

const rows = new Map()
const note = (word, major, text) => rows.set(word, { since: major, ...rows.get(word), last: major, text })
const versions = []
for (const npm of process.argv.slice(2)) {
  const dir = path.resolve(npm)
  const { types, shorthands } = definitions(dir)
  const { version } = require(path.join(dir, 'package.json'))
  const major = parseInt(version)
  versions.push(version)
  for (const [key, type] of Object.entries(types)) {
    note(key, major, [...new Set([].concat(type).map(name))].filter(t => !here.includes(t)).join(' '))
  }
  for (const [key, words] of Object.entries(shorthands)) note('-' + key, major, [].concat(words).join(' '))
}
console.log(`# npm's config keys, which are its flags, and the shorthands: name, first and last major
# version that knows it, nopt's types of the newest (a text in quotes is a constant) or
# what it stands for. Made by extract.js from npm ${versions.join(', ')}.
`)
const words = [...rows.keys()].filter(w => w[0] !== '-' || !rows.has(w.slice(1))).sort((a, b) => (a < b ? -1 : 1)) // npm 6 has a shorthand that is a key
for (const word of [...words.filter(w => w[0] !== '-'), '', ...words.filter(w => w[0] === '-')]) {
  const { since, last, text } = rows.get(word) || {}
  console.log(word && (word.padEnd(32) + `${since}-${last}`.padEnd(6) + text).trimEnd())
}
