/** A hook gets the context and its args, and answers with true or {success, output}. */
export default (context, args) => ({
  success: args.os !== 'unknown',
  output: `${context.machine} runs ${args.os}`,
})
