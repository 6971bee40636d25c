/** A person as a request keeps them: the directory's e-mail is the identity, the Slack id is where they are reached. */
export interface PersonRef {
  email: string;
  slack: string;
}
