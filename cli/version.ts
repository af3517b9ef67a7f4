/** Version of this command; a test holds it equal to package.json, which is not read at each start. */
export const VERSION = '0.1.0'
