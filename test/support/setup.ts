import fc from 'fast-check'

// `npm test` tries the same cases each time; `FC_SEED=random` (soak) tries others, and a failure prints its seed.
const seed = process.env['FC_SEED'] ?? '20261124'
fc.configureGlobal(seed === 'random' ? {} : { seed: Number(seed) })
