// Random tests play the same cases each time, so that what fails here fails everywhere. FLOCKWISE_SEED plays others:
// npm test with FLOCKWISE_SEED=$RANDOM looks for new trouble.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.FLOCKWISE_SEED ?? 20_260_601) })
