import { execFileSync } from 'node:child_process'

/** Child processes run the built package, as its users do. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' })
}
