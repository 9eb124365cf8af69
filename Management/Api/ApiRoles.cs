namespace PciBus.Management.Api;

/// <summary>CloudStack's role types, with their masks.</summary>
[Flags]
internal enum ApiRoles
{
    None = 0,
    Admin = 1,
    ResourceAdmin = 2,
    DomainAdmin = 4,
    User = 8,
    Everybody = Admin | ResourceAdmin | DomainAdmin | User,
}
