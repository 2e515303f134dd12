/** Somebody who can log in: staff (`api` on the login page) or a portal patient (`portal-api`). */
export interface User {
  readonly uuid: string;
  readonly role: 'users' | 'patient';
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
}

/** The FHIR type of a user: the sandbox's staff have no NPI, so they are no Practitioners. */
export function fhirUserType(user: User): 'Person' | 'Patient' {
  return user.role === 'patient' ? 'Patient' : 'Person';
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly role: User['role'];
}

export class UserStore {
  readonly #users: readonly User[];

  constructor(users: readonly User[]) {
    this.#users = users;
  }

  find(uuid: string): User | undefined {
    return this.#users.find((user) => user.uuid === uuid);
  }

  authenticate(given: Credentials): User | undefined {
    return this.#users.find(
      (user) =>
        user.role === given.role &&
        user.username === given.username &&
        user.password === given.password &&
        (user.role === 'users' || user.email === given.email),
    );
  }
}
