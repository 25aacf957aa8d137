// What Vite makes of other files.
declare module '*.svg' {
  const address: string
  export default address
}

declare module '*.css'
