export {
  ERRORS,
  type ErrorCode,
  EXIT_UNREACHABLE,
  GrantdError,
} from './protocol.ts'
export { GrantdUnreachableError } from './unreachable.ts'
