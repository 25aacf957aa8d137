// The floor of a start: Node, and the packages that the program needs, as npm has installed them.
import process from 'node:process'

for (const name of process.argv.slice(2)) await import(name)
