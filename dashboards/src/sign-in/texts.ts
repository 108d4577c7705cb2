/** The texts of the pages to sign in and to pair a display, in every language. */
import type { Language } from "../shared/i18n.ts";

interface Texts {
  readonly signIn: string;
  readonly name: string;
  readonly password: string;
  readonly provider: string;
  readonly failed: string;
  readonly failedProvider: string;
  readonly noRole: string;
  readonly delayed: string;
  readonly away: string;
  readonly signedInAs: string;
  readonly goOn: string;
  readonly signOut: string;
  readonly changePassword: string;
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly newPasswordHint: string;
  readonly weak: string;
  readonly fair: string;
  readonly strong: string;
  readonly tooEasy: string;
  readonly notOld: string;
  readonly changed: string;
  readonly elsewhere: string;
  readonly since: string;
  readonly signOutThere: string;
  readonly pair: string;
  readonly pairHint: string;
}

const en: Texts = {
  signIn: "Sign in",
  name: "Name",
  password: "Password",
  provider: "Sign in with the company account",
  failed: "The name or the password is not right.",
  failedProvider: "The sign-in did not succeed. Please try again.",
  noRole: "You are known, but have no role here. Ask an administrator.",
  delayed: "Too many failed attempts. Please wait a moment.",
  away: "The server does not answer.",
  signedInAs: "Signed in as",
  goOn: "Go on",
  signOut: "Sign out",
  changePassword: "Change the password",
  oldPassword: "Password until now",
  newPassword: "New password",
  newPasswordHint: "At least 12 characters. A sentence is easy to keep in mind.",
  weak: "Easy to guess",
  fair: "Hard to guess",
  strong: "Very hard to guess",
  tooEasy: "This password is not taken: too short, too easy to guess, or the same.",
  notOld: "The password until now is not right.",
  changed: "The password is changed. Everywhere else you are signed out.",
  elsewhere: "Signed in elsewhere",
  since: "since",
  signOutThere: "Sign out there",
  pair: "This is a display without a keyboard",
  pairHint: "An administrator confirms this code:",
};

export const TEXTS: Readonly<Record<Language, Texts>> = {
  en,
  de: {
    signIn: "Anmelden",
    name: "Name",
    password: "Passwort",
    provider: "Mit dem Firmenkonto anmelden",
    failed: "Name oder Passwort stimmt nicht.",
    failedProvider: "Die Anmeldung ist nicht gelungen. Bitte noch einmal versuchen.",
    noRole: "Sie sind bekannt, haben hier aber keine Rolle. Bitte an die Verwaltung wenden.",
    delayed: "Zu viele Fehlversuche. Bitte einen Moment warten.",
    away: "Der Server antwortet nicht.",
    signedInAs: "Angemeldet als",
    goOn: "Weiter",
    signOut: "Abmelden",
    changePassword: "Passwort ändern",
    oldPassword: "Bisheriges Passwort",
    newPassword: "Neues Passwort",
    newPasswordHint: "Mindestens 12 Zeichen. Ein Satz ist leicht zu merken.",
    weak: "Leicht zu erraten",
    fair: "Schwer zu erraten",
    strong: "Sehr schwer zu erraten",
    tooEasy: "Dieses Passwort geht nicht: zu kurz, zu leicht zu erraten oder dasselbe.",
    notOld: "Das bisherige Passwort stimmt nicht.",
    changed: "Das Passwort ist geändert. Überall sonst sind Sie abgemeldet.",
    elsewhere: "Anderswo angemeldet",
    since: "seit",
    signOutThere: "Dort abmelden",
    pair: "Dies ist eine Anzeige ohne Tastatur",
    pairHint: "Diesen Code bestätigt die Verwaltung:",
  },
  es: {
    signIn: "Iniciar sesión",
    name: "Nombre",
    password: "Contraseña",
    provider: "Entrar con la cuenta de la empresa",
    failed: "El nombre o la contraseña no es correcto.",
    failedProvider: "No se pudo iniciar la sesión. Inténtelo de nuevo.",
    noRole: "Se le conoce, pero no tiene ningún rol aquí. Pregunte a un administrador.",
    delayed: "Demasiados intentos fallidos. Espere un momento.",
    away: "El servidor no responde.",
    signedInAs: "Sesión iniciada como",
    goOn: "Continuar",
    signOut: "Cerrar sesión",
    changePassword: "Cambiar la contraseña",
    oldPassword: "Contraseña actual",
    newPassword: "Contraseña nueva",
    newPasswordHint: "Al menos 12 caracteres. Una frase es fácil de recordar.",
    weak: "Fácil de adivinar",
    fair: "Difícil de adivinar",
    strong: "Muy difícil de adivinar",
    tooEasy: "Esta contraseña no se admite: demasiado corta, demasiado fácil de adivinar o la misma.",
    notOld: "La contraseña actual no es correcta.",
    changed: "La contraseña se ha cambiado. En los demás sitios se ha cerrado la sesión.",
    elsewhere: "Sesiones en otros sitios",
    since: "desde",
    signOutThere: "Cerrar sesión allí",
    pair: "Esta es una pantalla sin teclado",
    pairHint: "Un administrador confirma este código:",
  },
  fr: {
    signIn: "Se connecter",
    name: "Nom",
    password: "Mot de passe",
    provider: "Se connecter avec le compte de l’entreprise",
    failed: "Le nom ou le mot de passe est incorrect.",
    failedProvider: "La connexion a échoué. Veuillez réessayer.",
    noRole: "Vous êtes connu, mais sans rôle ici. Adressez-vous à un administrateur.",
    delayed: "Trop de tentatives échouées. Veuillez patienter un instant.",
    away: "Le serveur ne répond pas.",
    signedInAs: "Connecté en tant que",
    goOn: "Continuer",
    signOut: "Se déconnecter",
    changePassword: "Changer le mot de passe",
    oldPassword: "Mot de passe actuel",
    newPassword: "Nouveau mot de passe",
    newPasswordHint: "Au moins 12 caractères. Une phrase est facile à retenir.",
    weak: "Facile à deviner",
    fair: "Difficile à deviner",
    strong: "Très difficile à deviner",
    tooEasy: "Ce mot de passe est refusé : trop court, trop facile à deviner ou identique.",
    notOld: "Le mot de passe actuel est incorrect.",
    changed: "Le mot de passe est changé. Partout ailleurs vous êtes déconnecté.",
    elsewhere: "Connecté ailleurs",
    since: "depuis",
    signOutThere: "Y déconnecter",
    pair: "Ceci est un écran sans clavier",
    pairHint: "Un administrateur confirme ce code :",
  },
  pt: {
    signIn: "Entrar",
    name: "Nome",
    password: "Senha",
    provider: "Entrar com a conta da empresa",
    failed: "O nome ou a senha não está certo.",
    failedProvider: "Não foi possível entrar. Tente novamente.",
    noRole: "Você é conhecido, mas não tem papel aqui. Fale com um administrador.",
    delayed: "Tentativas erradas demais. Aguarde um momento.",
    away: "O servidor não responde.",
    signedInAs: "Conectado como",
    goOn: "Continuar",
    signOut: "Sair",
    changePassword: "Mudar a senha",
    oldPassword: "Senha atual",
    newPassword: "Nova senha",
    newPasswordHint: "Pelo menos 12 caracteres. Uma frase é fácil de lembrar.",
    weak: "Fácil de adivinhar",
    fair: "Difícil de adivinhar",
    strong: "Muito difícil de adivinhar",
    tooEasy: "Esta senha não é aceita: curta demais, fácil demais de adivinhar ou a mesma.",
    notOld: "A senha atual não está certa.",
    changed: "A senha foi mudada. Nos outros lugares a sessão foi encerrada.",
    elsewhere: "Conectado em outro lugar",
    since: "desde",
    signOutThere: "Sair de lá",
    pair: "Esta é uma tela sem teclado",
    pairHint: "Um administrador confirma este código:",
  },
  zh: {
    signIn: "登录",
    name: "姓名",
    password: "密码",
    provider: "使用公司账户登录",
    failed: "姓名或密码不正确。",
    failedProvider: "登录未成功，请重试。",
    noRole: "系统认识您，但您在此没有角色。请联系管理员。",
    delayed: "失败次数过多，请稍候。",
    away: "服务器没有响应。",
    signedInAs: "已登录：",
    goOn: "继续",
    signOut: "退出登录",
    changePassword: "更改密码",
    oldPassword: "当前密码",
    newPassword: "新密码",
    newPasswordHint: "至少 12 个字符。一句话最容易记住。",
    weak: "容易被猜到",
    fair: "不易被猜到",
    strong: "很难被猜到",
    tooEasy: "此密码不可用：太短、太容易被猜到，或与原密码相同。",
    notOld: "当前密码不正确。",
    changed: "密码已更改。您在其他地方均已退出登录。",
    elsewhere: "在其他地方登录",
    since: "始于",
    signOutThere: "在那里退出登录",
    pair: "这是没有键盘的显示屏",
    pairHint: "请管理员确认此代码：",
  },
};

export type SignInKey = keyof Texts;
