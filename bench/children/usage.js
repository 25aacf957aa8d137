// Loaded before the program that is measured: writes down at its end what the process has used.
import { writeFileSync } from 'node:fs'
import process from 'node:process'

const file = process.env.BENCH_USAGE
if (file !== undefined) process.on('exit', () => writeFileSync(file, JSON.stringify(process.resourceUsage())))
