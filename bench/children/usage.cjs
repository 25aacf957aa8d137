// Loaded before the program that is measured: writes down at its end what the process has used. It is required, not imported:
// an import would start the loader of ES modules, which is half of the time of `node -e 0`.
const { writeFileSync } = process.getBuiltinModule('node:fs')

const file = process.env.BENCH_USAGE
if (file !== undefined) process.on('exit', () => writeFileSync(file, JSON.stringify(process.resourceUsage())))
